using Ear.Mongod.Commands;
using Ear.Mongod.Logging;
using Ear.Mongod.Storage;
using Ear.Mongod.Wire;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>Members tell each other who they are, how far they are, and the newest configuration; at once when something changed, else each interval.</summary>
internal sealed class Heartbeats(ReplicaSet set, ServerLog log)
{
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Task)> _loops = [];

    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var changed = set.Topology.Next;
                string[] hosts;
                lock (set.Engine.Gate) hosts = [.. set.Peers.Keys];
                foreach (var host in _loops.Keys.Except(hosts).ToArray()) await EndAsync(host);
                foreach (var host in hosts.Where(h => !_loops.ContainsKey(h)))
                {
                    var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
                    _loops[host] = (stop, BeatAsync(host, stop.Token));
                }
                await changed.WaitAsync(ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            foreach (var host in _loops.Keys.ToArray()) await EndAsync(host);
        }
    }

    private async Task EndAsync(string host)
    {
        _loops.Remove(host, out var loop);
        await loop.Stop.CancelAsync();
        await loop.Task;
        loop.Stop.Dispose();
    }

    private async Task BeatAsync(string host, CancellationToken ct)
    {
        await Task.Yield();
        using var client = new PeerClient(host);
        while (!ct.IsCancellationRequested)
        {
            var changed = set.Topology.Next;
            try
            {
                await BeatOnceAsync(client, ct);
                await changed.WaitAsync(Interval(), set.Time, ct);
            }
            catch (TimeoutException)
            {
                // The interval is over: the next beat is due.
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private TimeSpan Interval()
    {
        lock (set.Engine.Gate) return set.State.Config?.HeartbeatInterval ?? TimeSpan.FromSeconds(2);
    }

    private async Task BeatOnceAsync(PeerClient client, CancellationToken ct)
    {
        BsonDocument request;
        TimeSpan limit;
        lock (set.Engine.Gate)
        {
            if (!set.Peers.TryGetValue(client.Host, out var peer) || set.State.Config is not { } config) return;
            request = Status().Merge(new BsonDocument { ["from"] = set.State.Me, ["to"] = client.Host });
            request.InsertAt(0, new BsonElement("replSetHeartbeat", set.Name));
            // An unknown member may be one whose files were emptied: only the configuration tells it who it is.
            if (!peer.Healthy || (config.Term, config.Version) != peer.ConfigSeen) request["config"] = config.ToBson();
            limit = set.ElectionTimeout < TimeSpan.FromSeconds(10) ? set.ElectionTimeout : TimeSpan.FromSeconds(10);
        }
        var sent = set.Now;
        try
        {
            var reply = await client.SendAsync("admin", request, limit, set.Time, ct);
            if (!reply["ok"].ToBoolean()) throw new IOException(reply.GetValue("errmsg", "refused").AsString);
            lock (set.Engine.Gate)
            {
                if (!set.Peers.TryGetValue(client.Host, out var peer)) return;
                peer.Ping = set.Time.GetElapsedTime(sent);
                peer.LastHeartbeat = set.Time.GetUtcNow();
                Heard(peer, reply, client.Host);
            }
        }
        catch (IOException e)
        {
            Lost(client.Host, e.Message);
        }
    }

    private void Lost(string host, string why)
    {
        lock (set.Engine.Gate)
        {
            if (!set.Peers.TryGetValue(host, out var peer)) return;
            var edge = peer.State != MemberState.Down;
            (peer.State, peer.LastError, peer.Durable) = (MemberState.Down, why, null);
            if (!edge) return;
            log.Info("REPL", 23974, "Heartbeat failed", ("target", host), ("error", why));
            set.Changed();
        }
    }

    /// <summary>Answers another member's heartbeat.</summary>
    public BsonDocument Answer(BsonDocument request)
    {
        if (request["replSetHeartbeat"] != set.Name) throw new CommandException(ErrorCode.InvalidReplicaSetConfig, $"this member belongs to set '{set.Name}'");
        lock (set.Engine.Gate)
        {
            var from = request["from"].AsString;
            AdoptConfig(request, request["to"].AsString);
            if (set.Peers.TryGetValue(from, out var peer))
            {
                peer.LastHeartbeatReceived = set.Time.GetUtcNow();
                Heard(peer, request, request["to"].AsString);
            }
            var reply = Status();
            var (term, version) = (request["configTerm"].AsInt64, request["configVersion"].AsInt32);
            if (set.State.Config is { } mine && (mine.Term > term || (mine.Term == term && mine.Version > version))) reply["config"] = mine.ToBson();
            reply["ok"] = 1.0;
            return reply;
        }
    }

    private void Heard(Peer peer, BsonDocument status, string whoAmI)
    {
        var before = (peer.State, peer.Term);
        peer.Heard(status, set.Now);
        set.ObserveTerm(peer.Term);
        AdoptConfig(status, set.State.Me ?? whoAmI);
        set.Learn(peer, OpTime.From(status["known"]));
        if (peer.State == MemberState.Primary && peer.Term == set.State.Term)
        {
            set.ElectionDeadline = set.Now + set.Ticks(set.ElectionTimeout + set.Jitter());
            // With an entry of this term, this history is the beginning of the primary's: what it calls committed, is here too.
            if (set.Engine.LastApplied.Term == set.State.Term) set.CommitTo(OpTime.From(status["commit"]));
        }
        if (before != (peer.State, peer.Term)) set.Changed();
    }

    private void AdoptConfig(BsonDocument message, string whoAmI)
    {
        if (message.GetValue("config", BsonNull.Value) is not BsonDocument document) return;
        var config = ReplConfig.From(document);
        if (config.Name != set.Name || !config.IsNewerThan(set.State.Config)) return;
        // Term 0 and a sender that remembers: the set is being made, nobody was ever elected in it.
        if (set.State.Config is null && message["learnt"].AsBoolean && message["term"].AsInt64 == 0) set.JoinNewSet();
        set.Install(config, config.Find(whoAmI) is null ? null : whoAmI);
    }

    private BsonDocument Status() => new()
    {
        ["state"] = (int)set.Role,
        ["term"] = set.State.Term,
        ["learnt"] = set.State.Learnt,
        ["opTime"] = set.Engine.LastApplied.ToBson(),
        ["known"] = set.KnownHistory.ToBson(),
        ["commit"] = set.CommitPoint.ToBson(),
        ["configTerm"] = set.State.Config?.Term ?? -1L,
        ["configVersion"] = set.State.Config?.Version ?? 0,
        ["syncSource"] = set.Role is MemberState.Secondary or MemberState.Startup2 ? set.PrimaryHost ?? "" : "",
    };
}
