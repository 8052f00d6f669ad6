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
                string? primary;
                MemberState role;
                lock (set.Engine.Gate) (primary, role) = (set.PrimaryHost, set.Role);
                if (role is not (MemberState.Secondary or MemberState.Startup2) || primary is null)
                {
                    await set.Topology.UntilAsync(HasSource, Idle, set.Time, ct);
                    continue;
                }
                if (client?.Host != primary)
                {
                    client?.Dispose();
                    client = new PeerClient(primary);
                }
                if (!await TryStepAsync(client, role, ct)) await Task.Delay(Pause * (1 + (RandomNumberGenerator.GetInt32(100) / 100.0)), set.Time, ct);
            }
        }
        finally
        {
            client?.Dispose();
        }
    }

    private bool HasSource()
    {
        lock (set.Engine.Gate) return set.Role is MemberState.Secondary or MemberState.Startup2 && set.PrimaryHost is not null;
    }

    private async Task<bool> TryStepAsync(PeerClient client, MemberState role, CancellationToken ct)
    {
        try
        {
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
