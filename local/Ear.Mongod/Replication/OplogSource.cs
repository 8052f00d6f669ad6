using Ear.Mongod.Commands;
using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>The primary's side of replication: hands out history to followers and counts what they say they have.</summary>
internal sealed class OplogSource(ReplicaSet set)
{
    public const string Fetch = "earFetchOplog";
    public const string CatchUp = "earCatchUp";
    public const string SyncStart = "earInitialSyncStart";
    private const int MaxEntries = 5000, MaxBytes = 4 << 20;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Answers with the entries after the follower's last one, or waits a moment for some. <c>gone</c>: this history does not have the follower's last entry.
    /// The follower's <c>durable</c> counts only in the term in which it was said, so an old primary never commits with a follower that voted for another.
    /// </summary>
    public async Task<BsonDocument> FetchAsync(BsonDocument request, CancellationToken ct)
    {
        var after = OpTime.From(request["after"]);
        lock (set.Engine.Gate) Note(request);
        if (request["durable"].IsBsonDocument) await set.Engine.Applied.UntilAsync(() => { lock (set.Engine.Gate) return !Leads(request) || set.Engine.LastApplied != after; }, MaxWait, set.Time, ct);
        lock (set.Engine.Gate)
        {
            if (set.Role != MemberState.Primary) throw set.NotPrimary();
            var reply = new BsonDocument { ["term"] = set.State.Term, ["commit"] = set.CommitPoint.ToBson(), ["lastApplied"] = set.Engine.LastApplied.ToBson(), ["ok"] = 1.0 };
            var entries = Leads(request) ? set.Engine.Oplog.After(after, MaxEntries, MaxBytes) : [];
            if (entries is null) reply["gone"] = true;
            reply["entries"] = new BsonBinaryData(OplogEntry.ToRun(entries ?? []));
            return reply;
        }
    }

    /// <summary>Without a primary, any member hands out what it has to one that has less: else nobody electable might have enough to win.</summary>
    public BsonDocument HandOut(BsonDocument request)
    {
        lock (set.Engine.Gate)
        {
            if (set.Role is not (MemberState.Primary or MemberState.Secondary)) throw new CommandException(ErrorCode.NotPrimaryOrSecondary, "this member has no data to hand out");
            var entries = set.Engine.Oplog.After(OpTime.From(request["after"]), MaxEntries, MaxBytes) ?? [];
            return new BsonDocument { ["entries"] = new BsonBinaryData(OplogEntry.ToRun(entries)), ["ok"] = 1.0 };
        }
    }

    private bool Leads(BsonDocument request) => set.Role == MemberState.Primary && set.State.Term == request["term"].AsInt64;

    private void Note(BsonDocument request)
    {
        set.ObserveTerm(request["term"].AsInt64);
        if (!set.Peers.TryGetValue(request["from"].AsString, out var peer)) throw new CommandException(ErrorCode.NodeNotFound, "the follower is not a member of this set");
        peer.LastContact = set.Now;
        if (!Leads(request)) return;
        peer.Applied = OpTime.Max(peer.Applied, OpTime.From(request["after"]));
        (peer.Durable, peer.DurableTerm) = (request["durable"] is BsonDocument d ? OpTime.From(d) : null, set.State.Term);
        set.AdvanceCommit();
        set.Engine.Progress.Pulse();
    }

    /// <summary>What a member needs to begin a copy: the place to follow from, and the collections there are.</summary>
    public BsonDocument Start()
    {
        lock (set.Engine.Gate)
        {
            if (set.Role != MemberState.Primary) throw set.NotPrimary();
            var collections = set.Engine.Catalog.Databases.SelectMany(set.Engine.Catalog.In);
            return new BsonDocument
            {
                ["term"] = set.State.Term,
                ["last"] = new BsonBinaryData(set.Engine.Oplog.Entries.Last().Raw),
                ["dataSize"] = set.Engine.Catalog.DataSize,
                ["collections"] = new BsonArray(collections.Select(c => new BsonDocument
                {
                    ["ns"] = c.Namespace,
                    ["options"] = c.Options,
                    ["indexes"] = new BsonArray(c.Indexes.Values),
                    ["count"] = c.Count,
                })),
                ["ok"] = 1.0,
            };
        }
    }
}
