using Ear.Mongod.Commands;
using Ear.Mongod.Logging;
using Ear.Mongod.Storage;
using Ear.Mongod.Wire;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>Hands the primary's role over: writes wait until an electable follower has everything, then it is asked to stand at once.</summary>
internal sealed class StepDowns(ReplicaSet set, ServerLog log)
{
    public const string StepUp = "replSetStepUp";
    private static readonly TimeSpan NearlyCaughtUp = TimeSpan.FromSeconds(2);
    private int _running;

    public async Task StepDownAsync(TimeSpan freeze, TimeSpan catchUp, bool force, CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0) throw new CommandException(ErrorCode.ConflictingOperationInProgress, "another replSetStepDown is in progress");
        try
        {
            lock (set.Engine.Gate) if (set.Role != MemberState.Primary) throw new CommandException(ErrorCode.NotWritablePrimary, "not primary so can't step down");
            var start = set.Now;
            string? successor = null;
            while (successor is null && set.Time.GetElapsedTime(start) < catchUp) successor = await TryFindAsync(catchUp - set.Time.GetElapsedTime(start), ct);
            lock (set.Engine.Gate)
            {
                successor ??= Successor();
                set.WritesHeld = false;
                if (set.Role != MemberState.Primary) return;
                if (successor is null && !force)
                {
                    set.Engine.Progress.Pulse();
                    throw new CommandException(ErrorCode.ExceededTimeLimit, $"No electable secondaries caught up as of {set.Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'}. Please use the replSetStepDown command with the argument {{force: true}} to force node to step down.");
                }
                set.NoElectionUntil = set.Now + set.Ticks(freeze);
                set.StepDown("replSetStepDown");
            }
            if (successor is not null) await HandOverAsync(successor, ct);
        }
        finally
        {
            lock (set.Engine.Gate) set.WritesHeld = false;
            set.Engine.Progress.Pulse();
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<string?> TryFindAsync(TimeSpan limit, CancellationToken ct)
    {
        string? found = null;
        await set.Engine.Progress.UntilAsync(
            () =>
            {
                lock (set.Engine.Gate)
                {
                    // Only a follower that is near makes writers wait: without one they would wait for nothing.
                    set.WritesHeld = set.Role == MemberState.Primary && Electable().Any(p => set.Engine.LastApplied.Date - p.Applied.Date <= NearlyCaughtUp);
                    found = Successor();
                    return found is not null || set.Role != MemberState.Primary;
                }
            },
            limit < TimeSpan.FromMilliseconds(200) ? limit : TimeSpan.FromMilliseconds(200), set.Time, ct);
        return found;
    }

    private IEnumerable<Peer> Electable() => set.Peers.Values.Where(p => p.State == MemberState.Secondary && p.Config.Priority > 0 && p.Learnt);

    private string? Successor() => set.CommitPoint < set.Engine.LastApplied ? null
        : Electable().Where(p => set.DurableOf(p.Config.Host) >= set.Engine.LastApplied).MaxBy(p => p.Config.Priority)?.Config.Host;

    private async Task HandOverAsync(string successor, CancellationToken ct)
    {
        try
        {
            using var client = new PeerClient(successor);
            await client.SendAsync("admin", new BsonDocument { [StepUp] = 1, ["skipDryRun"] = true }, TimeSpan.FromSeconds(2), set.Time, ct);
        }
        catch (IOException e)
        {
            log.Info("REPL", 21382, "The election hand-off did not reach the successor; it will stand by its own timeout", ("successor", successor), ("error", e.Message));
        }
    }
}
