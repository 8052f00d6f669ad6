using Ear.Mongod.Logging;
using Ear.Mongod.Storage;
using Ear.Mongod.Wire;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>Stands for election when no primary is heard of, steps down when no majority is, and hands votes out.</summary>
internal sealed class Elections(ReplicaSet set, ServerLog log)
{
    private static readonly TimeSpan MaxTakeoverLag = TimeSpan.FromSeconds(2);
    private int _standing;
    private long _takeoverSince;

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            TimeSpan tick;
            string? reason;
            lock (set.Engine.Gate)
            {
                tick = TimeSpan.FromMilliseconds(Math.Clamp(set.ElectionTimeout.TotalMilliseconds / 10, 20, 500));
                reason = Due();
            }
            if (reason is not null) await StandAsync(reason, skipDryRun: false, ct);
            await set.Topology.UntilAsync(() => { lock (set.Engine.Gate) return Due() is not null; }, tick, set.Time, ct);
        }
    }

    /// <summary>Why this member should stand now; null: it should not. A primary that lost its majority ends being one here.</summary>
    private string? Due()
    {
        if (set.Role == MemberState.Primary && !SeesMajority()) set.StepDown("Can't see a majority of the set, relinquishing primary");
        if (!set.CanStand) return null;
        if (set.Now >= set.ElectionDeadline) return "no primary was heard of within the election timeout";
        return TakeoverDue() ? "this member has a higher priority than the primary" : null;
    }

    private bool SeesMajority()
    {
        var oldest = set.Now - set.Ticks(set.ElectionTimeout);
        var voters = set.State.Config!.Voters.Count(m => m.Host == set.State.Me || (set.Peers.TryGetValue(m.Host, out var p) && p.LastContact >= oldest));
        return voters >= set.State.Config.Majority;
    }

    private bool TakeoverDue()
    {
        var primary = set.Peers.Values.FirstOrDefault(p => p.State == MemberState.Primary && p.Term == set.State.Term);
        var wanted = primary is not null && set.Self!.Priority > primary.Config.Priority && primary.Applied.Date - set.Engine.LastApplied.Date <= MaxTakeoverLag;
        if (!wanted)
        {
            _takeoverSince = 0;
            return false;
        }
        if (_takeoverSince == 0) _takeoverSince = set.Now;
        var rank = set.State.Config!.Members.Count(m => m.Priority > set.Self!.Priority);
        return set.Time.GetElapsedTime(_takeoverSince) >= set.ElectionTimeout * (rank + 1);
    }

    public async Task StandAsync(string reason, bool skipDryRun, CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _standing, 1) != 0) return;
        try
        {
            long term;
            lock (set.Engine.Gate)
            {
                if (!set.CanStand) return;
                term = set.State.Term + 1;
                _takeoverSince = 0;
                // Whatever comes of it, the next try is a timeout away.
                set.ElectionDeadline = set.Now + set.Ticks(set.ElectionTimeout + set.Jitter());
            }
            log.Info("ELECTION", 21438, "Starting an election", ("reason", reason), ("term", term), ("dryRun", !skipDryRun));
            if (!skipDryRun && !await WinsAsync(term, dryRun: true, ct)) return;
            lock (set.Engine.Gate)
            {
                if (!set.CanStand || set.State.Term != term - 1) return;
                set.Persist(set.State with { Term = term, VotedFor = set.Self!.Id });
            }
            if (!await WinsAsync(term, dryRun: false, ct)) return;
            lock (set.Engine.Gate)
            {
                if (!set.CanStand || set.State.Term != term) return;
                log.Info("ELECTION", 21450, "Election succeeded, assuming primary role", ("term", term));
                set.BecomePrimary();
            }
        }
        finally
        {
            Volatile.Write(ref _standing, 0);
        }
    }

    private async Task<bool> WinsAsync(long term, bool dryRun, CancellationToken ct)
    {
        BsonDocument request;
        string[] voters;
        int majority;
        TimeSpan limit;
        lock (set.Engine.Gate)
        {
            var config = set.State.Config!;
            request = new BsonDocument
            {
                ["replSetRequestVotes"] = 1,
                ["setName"] = set.Name,
                ["dryRun"] = dryRun,
                ["term"] = term,
                ["candidate"] = set.Self!.Id,
                ["configTerm"] = config.Term,
                ["configVersion"] = config.Version,
                ["lastApplied"] = set.Engine.LastApplied.ToBson(),
            };
            voters = [.. config.Voters.Where(m => m.Host != set.State.Me).Select(m => m.Host)];
            (majority, limit) = (config.Majority, set.ElectionTimeout);
        }
        var votes = 1;
        var asked = voters.Select(v => AskAsync(v, request, limit, ct)).ToList();
        while (votes < majority && asked.Count > 0)
        {
            var answer = await Task.WhenAny(asked);
            asked.Remove(answer);
            if (await answer) votes++;
        }
        if (votes < majority) log.Info("ELECTION", 21437, "Not becoming primary: too few votes", ("term", term), ("dryRun", dryRun), ("votes", votes), ("needed", majority));
        return votes >= majority;
    }

    private async Task<bool> AskAsync(string host, BsonDocument request, TimeSpan limit, CancellationToken ct)
    {
        try
        {
            using var client = new PeerClient(host);
            var reply = await client.SendAsync("admin", request, limit, set.Time, ct);
            if (!reply["ok"].ToBoolean()) return false;
            if (!reply["voteGranted"].AsBoolean) log.Info("ELECTION", 51799, "Vote denied", ("voter", host), ("reason", reply["reason"].AsString));
            lock (set.Engine.Gate) set.ObserveTerm(reply["term"].AsInt64);
            return reply["voteGranted"].AsBoolean;
        }
        catch (IOException e)
        {
            log.Info("ELECTION", 51800, "No answer to a request for a vote", ("voter", host), ("error", e.Message));
            return false;
        }
    }

    /// <summary>Answers another member's request for this member's vote. A vote that is given is on disk first.</summary>
    public BsonDocument Vote(BsonDocument request)
    {
        lock (set.Engine.Gate)
        {
            var (term, candidate, dryRun) = (request["term"].AsInt64, request["candidate"].AsInt32, request["dryRun"].AsBoolean);
            if (!dryRun && request["setName"] == set.Name) set.ObserveTerm(term);
            var refusal = Refusal(request, term, candidate, dryRun);
            if (refusal is null && !dryRun)
            {
                set.Persist(set.State with { VotedFor = candidate });
                set.ElectionDeadline = set.Now + set.Ticks(set.ElectionTimeout + set.Jitter());
            }
            return new BsonDocument { ["term"] = set.State.Term, ["voteGranted"] = refusal is null, ["reason"] = refusal ?? "", ["ok"] = 1.0 };
        }
    }

    private string? Refusal(BsonDocument request, long term, int candidate, bool dryRun)
    {
        if (request["setName"] != set.Name) return "the candidate belongs to another set";
        if (set.State.Config is not { } config || set.Self is not { IsVoter: true }) return "this member has no vote";
        if (!set.State.Learnt) return "this member's files were emptied and it has not yet learnt the term from a majority of the others";
        if (term < set.State.Term || (dryRun && term == set.State.Term)) return $"the candidate's term {term} is not above this member's term {set.State.Term}";
        if (config.IsNewerThan(config with { Term = request["configTerm"].AsInt64, Version = request["configVersion"].AsInt32 })) return "the candidate's configuration is older";
        if (OpTime.From(request["lastApplied"]) < set.KnownHistory) return "the candidate's history is shorter";
        return !dryRun && set.State.VotedFor >= 0 && set.State.VotedFor != candidate ? $"this member already voted in term {term}" : null;
    }
}
