using Ear.Agent.Mongod;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Operations;

/// <summary>A new replica set with this node as its only member. Already initiated: done.</summary>
internal sealed class Initiate(IMongods mongods, string hostPort) : IOperation
{
    private const string InitiateStep = "Initiate";
    private const string AwaitPrimary = "AwaitPrimary";

    public NodeOpKind Kind => NodeOpKind.Initiate;

    public string FirstStep => InitiateStep;

    public bool HoldsProcess(string step) => false;

    public async Task<StepOutcome> RunAsync(JournalEntry entry, OpContext context, CancellationToken cancellation)
    {
        if (!context.Self.Up)
            return new StepOutcome.Wait("mongod does not answer yet");
        if (entry.Step == AwaitPrimary)
            return context.Self.Role == MemberRole.Primary ? new StepOutcome.Done() : new StepOutcome.Wait("the set has no primary yet");
        if (context.Self.Role == MemberRole.NoSet)
            await InitiateAsync(context.Goal.ReplicaSetName, cancellation);
        return new StepOutcome.Next(entry with { Step = AwaitPrimary });
    }

    private async Task InitiateAsync(string replicaSet, CancellationToken cancellation)
    {
        var config = new BsonDocument
        {
            { "_id", replicaSet },
            { "members", new BsonArray { new BsonDocument { { "_id", 0 }, { "host", hostPort } } } },
        };
        try
        {
            await mongods.At(hostPort).RunAsync(new BsonDocument("replSetInitiate", config), cancellation);
        }
        catch (MongodException exception) when (exception.Code == MongodCodes.AlreadyInitialized)
        {
            // Our first attempt had its effect before we died.
        }
    }
}
