using System.Security.Cryptography;
using Ear.Mongod.Logging;
using Ear.Mongod.Storage;
using Ear.Mongod.Wire;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>A follower's loop: copy the data if they are not there, then take over the primary's history, entry by entry, each batch durable before it is reported.</summary>
internal sealed class OplogPuller(ReplicaSet set, InitialSync initialSync, ServerLog log)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1), Pause = TimeSpan.FromMilliseconds(100), FetchLimit = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken ct)
    {
        PeerClient? client = null;
        try
        {
            while (true)
            {
                string? source;
                MemberState role;
                bool fromPrimary;
                lock (set.Engine.Gate) (source, role, fromPrimary) = (Source(), set.Role, set.PrimaryHost is not null);
                if (source is null)
                {
                    await set.Topology.UntilAsync(HasSource, Idle, set.Time, ct);
                    continue;
                }
                if (client?.Host != source)
                {
                    client?.Dispose();
                    client = new PeerClient(source);
                }
                if (!await TryStepAsync(client, role, fromPrimary, ct)) await Task.Delay(Pause * (1 + (RandomNumberGenerator.GetInt32(100) / 100.0)), set.Time, ct);
            }
        }
        finally
        {
            client?.Dispose();
        }
    }

    private bool HasSource()
    {
        lock (set.Engine.Gate) return Source() is not null;
    }

    /// <summary>The primary; while there is none, for a member with data the one that has most, if that is more.</summary>
    private string? Source() => set.Role switch
    {
        MemberState.Startup2 => set.PrimaryHost,
        MemberState.Secondary => set.PrimaryHost ?? set.Peers.Values.Where(p => p.State == MemberState.Secondary && p.Applied > set.Engine.LastApplied).MaxBy(p => p.Applied)?.Config.Host,
        _ => null,
    };

    /// <returns>False: nothing came of it, so the next try can wait a moment.</returns>
    private async Task<bool> TryStepAsync(PeerClient client, MemberState role, bool fromPrimary, CancellationToken ct)
    {
        try
        {
            if (!fromPrimary) return await CatchUpAsync(client, ct);
            if (role == MemberState.Startup2) await initialSync.RunAsync(client, ct);
            else await FollowAsync(client, ct);
            return true;
        }
        catch (IOException e)
        {
            log.Info("REPL", 21090, "Could not fetch from the sync source", ("syncSource", client.Host), ("error", e.Message));
            return false;
        }
    }

    private async Task<bool> CatchUpAsync(PeerClient client, CancellationToken ct)
    {
        OpTime after;
        lock (set.Engine.Gate) after = set.Engine.LastApplied;
        var reply = await AskAsync(client, new BsonDocument { [OplogSource.CatchUp] = set.Name, ["after"] = after.ToBson() }, set.Time, ct);
        OpTime last;
        lock (set.Engine.Gate)
        {
            if (set.Role != MemberState.Secondary || set.Engine.LastApplied != after) return true;
            foreach (var entry in OplogEntry.FromRun(reply["entries"].AsByteArray)) set.Engine.Append(entry);
            last = set.Engine.LastApplied;
        }
        await set.Engine.WaitDurableAsync(last, null, ct);
        return last != after;
    }

    private async Task FollowAsync(PeerClient client, CancellationToken ct)
    {
        BsonDocument request;
        lock (set.Engine.Gate) request = Request(set, set.Engine.LastApplied, set.Engine.Durable);
        var reply = await AskAsync(client, request, set.Time, ct);
        OpTime last;
        lock (set.Engine.Gate)
        {
            set.ObserveTerm(reply["term"].AsInt64);
            // An answer of another term than ours is of no use: the vote we gave since may have promised otherwise.
            if (reply["term"].AsInt64 != set.State.Term || set.Role != MemberState.Secondary) return;
            set.ElectionDeadline = set.Now + set.Ticks(set.ElectionTimeout + set.Jitter());
            if (reply.Contains("gone"))
            {
                set.NeedInitialSync("the primary's oplog does not have this member's last entry: it has diverged or fallen too far behind");
                return;
            }
            foreach (var entry in OplogEntry.FromRun(reply["entries"].AsByteArray)) set.Engine.Append(entry);
            last = set.Engine.LastApplied;
            if (last.Term == set.State.Term) set.CommitTo(OpTime.From(reply["commit"]));
        }
        await set.Engine.WaitDurableAsync(last, null, ct);
    }

    /// <param name="durable">Null: this member is still copying. What it has does not count, and it does not wait for more to come.</param>
    public static BsonDocument Request(ReplicaSet set, OpTime after, OpTime? durable) => new()
    {
        [OplogSource.Fetch] = set.Name,
        ["from"] = set.State.Me,
        ["term"] = set.State.Term,
        ["after"] = after.ToBson(),
        ["durable"] = durable is { } d ? d.ToBson() : BsonNull.Value,
    };

    public static async Task<BsonDocument> AskAsync(PeerClient client, BsonDocument request, TimeProvider time, CancellationToken ct)
    {
        var reply = await client.SendAsync("admin", request, FetchLimit, time, ct);
        return reply["ok"].ToBoolean() ? reply : throw new IOException(reply.GetValue("errmsg", "refused").AsString);
    }
}
