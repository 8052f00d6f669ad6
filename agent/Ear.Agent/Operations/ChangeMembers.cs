using Ear.Agent.Mongod;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Operations;

/// <summary>replSetReconfig on the primary, one member more or less. Already so: done.</summary>
internal sealed class ChangeMembers(NodeOpKind kind, IMongods mongods, string hostPort) : IOperation
{
    private const string Reconfigure = "Reconfigure";

    public NodeOpKind Kind => kind;

    public string FirstStep => Reconfigure;

    public bool HoldsProcess(string step) => false;

    public async Task<StepOutcome> RunAsync(JournalEntry entry, OpContext context, CancellationToken cancellation)
    {
        if (entry.Op.Member is not { Length: > 0 } member)
            return new StepOutcome.Failed(OpErrors.PreconditionFailed, "The operation names no member.");
        if (kind == NodeOpKind.RemoveMember && member == hostPort)
            return new StepOutcome.Failed(OpErrors.PreconditionFailed, "A primary cannot remove itself; it has to step down first.");
        if (!context.Self.Up)
            return new StepOutcome.Wait("mongod does not answer");

        var self = mongods.At(hostPort);
        var config = (await self.RunAsync(new BsonDocument("replSetGetConfig", 1), cancellation))["config"].AsBsonDocument;
        if (Change(config, member, entry.Op.Priority) is not { } changed)
            return new StepOutcome.Done();
        try
        {
            await self.RunAsync(new BsonDocument("replSetReconfig", changed), cancellation);
            return new StepOutcome.Done();
        }
        catch (MongodException exception) when (exception.Code == MongodCodes.NotWritablePrimary)
        {
            return new StepOutcome.Failed(OpErrors.PreconditionFailed, "This node is not the primary.");
        }

        // Any other refusal (another reconfiguration under way, the new member not reachable yet) is waited out until the deadline.
    }

    /// <returns>Null when nothing is left to change.</returns>
    private BsonDocument? Change(BsonDocument config, string member, double? priority)
    {
        var members = config["members"].AsBsonArray;
        var existing = members.OfType<BsonDocument>().FirstOrDefault(candidate => candidate["host"].AsString == member);
        if (kind == NodeOpKind.AdmitMember == existing is not null)
            return null;
        if (existing is not null)
            members.Remove(existing);
        else
            members.Add(new BsonDocument { { "_id", members.Max(other => other["_id"].ToInt32()) + 1 }, { "host", member }, { "priority", priority ?? 1, priority is not null } });
        config["version"] = config["version"].ToInt32() + 1;
        return config;
    }
}
