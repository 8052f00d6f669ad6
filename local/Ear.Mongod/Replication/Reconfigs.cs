using Ear.Mongod.Commands;
using Ear.Mongod.Storage;
using Ear.Mongod.Wire;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>Makes a set and changes its configuration.</summary>
internal sealed class Reconfigs(ReplicaSet set)
{
    public const string WhoAreYou = "earWhoAreYou";
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(5);

    public async Task InitiateAsync(BsonDocument document, CancellationToken ct)
    {
        lock (set.Engine.Gate) if (set.State.Config is not null) throw new CommandException(ErrorCode.AlreadyInitialized, "already initialized");
        var config = ReplConfig.From(document) with { Version = 1, Term = 0 };
        if (config.Name != set.Name) throw new CommandException(ErrorCode.InvalidReplicaSetConfig, $"Attempting to initiate a replica set with name {config.Name}, but command line reports {set.Name}; rejecting");
        var answers = await Task.WhenAll(config.Members.Select(m => ProbeAsync(m.Host, ct)));
        var me = config.Members.Where((_, i) => answers[i]["process"].AsObjectId == set.Process).Select(m => m.Host).FirstOrDefault()
            ?? throw new CommandException(ErrorCode.InvalidReplicaSetConfig, "No host described in new configuration maps to this node");
        foreach (var (member, answer) in config.Members.Zip(answers).Where(p => p.First.Host != me))
        {
            if (answer["setName"] != set.Name) throw new CommandException(ErrorCode.InvalidReplicaSetConfig, $"{member.Host} was not started with --replSet {set.Name}");
            if (answer["configured"].AsBoolean || answer["hasData"].AsBoolean)
                throw new CommandException(ErrorCode.AlreadyInitialized, $"{member.Host} has data already, cannot initiate set; all members except initiator must be empty.");
        }
        lock (set.Engine.Gate)
        {
            if (set.State.Config is not null) throw new CommandException(ErrorCode.AlreadyInitialized, "already initialized");
            set.Initiate(config, me);
        }
    }

    /// <summary>Answers <see cref="WhoAreYou"/>: enough for an initiating member to know itself and to see that the others are empty.</summary>
    public BsonDocument WhoIAm()
    {
        lock (set.Engine.Gate)
        {
            return new BsonDocument
            {
                ["process"] = set.Process,
                ["setName"] = set.Name,
                ["configured"] = set.State.Config is not null,
                ["hasData"] = set.Engine.LastApplied > OpTime.None,
                ["ok"] = 1.0,
            };
        }
    }

    private async Task<BsonDocument> ProbeAsync(string host, CancellationToken ct)
    {
        try
        {
            using var client = new PeerClient(host);
            return await OplogPuller.AskAsync(client, new BsonDocument(WhoAreYou, 1), set.Time, ct);
        }
        catch (IOException e)
        {
            throw new CommandException(ErrorCode.NodeNotFound, $"replSetInitiate quorum check failed because not all proposed set members responded affirmatively: {host} failed with {e.Message}");
        }
    }

    /// <summary>Safe changes only: one voting member at a time, and each configuration known to a majority before the next.</summary>
    public async Task ReconfigAsync(BsonDocument document, bool force, TimeSpan limit, CancellationToken ct)
    {
        var wanted = ReplConfig.From(document);
        ReplConfig next;
        lock (set.Engine.Gate)
        {
            if (set.State.Config is not { } current) throw new CommandException(ErrorCode.NotYetInitialized, "Node not yet initialized; use the replSetInitiate command");
            if (set.Role != MemberState.Primary && !force) throw new CommandException(ErrorCode.NotWritablePrimary, $"New replica set config can only be installed on the primary; this node is {set.Role.Text()}");
            Check(current, wanted, force);
            if (!force && !IsCommitted()) throw new CommandException(ErrorCode.CurrentConfigNotCommittedYet, "Cannot run replSetReconfig because the current config is not yet known to a majority. Try again");
            next = wanted with { Version = force ? Math.Max(current.Version, wanted.Version) + 1000 : wanted.Version, Term = force && set.Role != MemberState.Primary ? current.Term : set.State.Term };
            set.Install(next, set.State.Me);
            set.AdvanceCommit();
        }
        if (force) return;
        if (!await set.Engine.Progress.UntilAsync(() => { lock (set.Engine.Gate) return set.Role != MemberState.Primary || IsCommitted(); }, limit, set.Time, ct))
            throw new CommandException(ErrorCode.MaxTimeMSExpired, "The new configuration is installed here but not yet known to a majority");
        lock (set.Engine.Gate) if (set.Role != MemberState.Primary) throw new CommandException(ErrorCode.InterruptedDueToReplStateChange, "stepped down during replSetReconfig");
    }

    private void Check(ReplConfig current, ReplConfig wanted, bool force)
    {
        if (wanted.Name != set.Name) throw Incompatible($"the set's name cannot change to '{wanted.Name}'");
        if (wanted.Find(set.State.Me!) is not { Priority: > 0 } && !force) throw Incompatible("This node, the primary, must stay an electable member of the new configuration");
        if (force) return;
        if (wanted.Version <= current.Version) throw Incompatible($"New replica set configuration version must be greater than old, but {wanted.Version} is not greater than {current.Version}");
        foreach (var member in wanted.Members)
        {
            if (current.Members.FirstOrDefault(m => m.Host == member.Host) is { } same && same.Id != member.Id) throw Incompatible($"{member.Host} has _id {same.Id}; it cannot change to {member.Id}");
        }
        var before = current.Voters.Select(m => m.Host).ToHashSet();
        before.SymmetricExceptWith(wanted.Voters.Select(m => m.Host));
        if (before.Count > 1) throw new CommandException(ErrorCode.InvalidReplicaSetConfig, "Non force replica set reconfig can only add or remove at most 1 voting member.");
    }

    private bool IsCommitted()
    {
        var config = set.State.Config!;
        return config.Voters.Count(m => m.Host == set.State.Me || (set.Peers.TryGetValue(m.Host, out var p) && p.ConfigSeen == (config.Term, config.Version))) >= config.Majority;
    }

    private static CommandException Incompatible(string what) => new(ErrorCode.NewReplicaSetConfigurationIncompatible, what);
}
