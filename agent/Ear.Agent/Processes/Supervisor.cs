using Ear.Agent.Storage;
using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Processes;

/// <summary>
/// Keeps mongod as wanted, one look at a time. Running and found: nothing to do, whoever started it. Wanted and not found: started
/// when its key can be read and the wait after the last failure is over. Not wanted and found: stopped.
/// </summary>
internal sealed class Supervisor(IProcessHost host, MongodStarter starter, MongodStopper stopper, KeyGate gate, IIds ids, TimeProvider time, ILogger<Supervisor> logger)
{
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(30);

    private readonly Backoff backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), ids);
    private long? startedAt;
    private bool cameUp;
    private long? waitingSince;
    private TimeSpan wait;
    private bool waitsForKey;

    /// <summary>For people: "key", "restart in 8 s", what is wrong with the dbPath; null when nothing is waited for.</summary>
    public string? WaitingFor { get; private set; }

    /// <summary>Starts in a row that never came up, for reasons other than the key.</summary>
    public int FailedStarts { get; private set; }

    /// <summary>The key is valid again: what waited for it starts now.</summary>
    public void KeyBecameValid()
    {
        backoff.Reset();
        waitingSince = null;
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        await stopper.StopAsync(cancellation);
        Forget();
    }

    /// <param name="up">mongod answered at the last look.</param>
    public async Task KeepRunningAsync(NodeGoal goal, bool up, CancellationToken cancellation)
    {
        if (host.Find() is { } process)
        {
            Found(process, up);
            return;
        }

        if (startedAt is not null)
            NoteExit();
        if (waitingSince is { } since && time.GetElapsedTime(since) is var waited && waited < wait)
        {
            WaitingFor = waitsForKey ? "key" : $"restart in {Math.Ceiling((wait - waited).TotalSeconds)} s";
            return;
        }

        await TryStartAsync(goal, cancellation);
    }

    private void Found(ProcessMark process, bool up)
    {
        if (startedAt is null)
        {
            Log.Adopted(logger, process.ProcessId);
            startedAt = time.GetTimestamp();
        }

        if (up)
        {
            cameUp = true;
            FailedStarts = 0;
        }

        if (cameUp && time.GetElapsedTime(startedAt.Value) > SteadyAfter)
            backoff.Reset();
        waitingSince = null;
        WaitingFor = null;
    }

    private void NoteExit()
    {
        var keyTrouble = !cameUp && gate.TroubleSince(startedAt!.Value);
        if (!cameUp && !keyTrouble)
            FailedStarts++;
        Hold(forKey: keyTrouble);
        Log.Exited(logger, cameUp, wait);
        startedAt = null;
    }

    private async Task TryStartAsync(NodeGoal goal, CancellationToken cancellation)
    {
        try
        {
            var marker = starter.Prepare(goal);
            if (!await gate.AdmitsAsync(marker, goal.Verdict, cancellation))
            {
                if (WaitingFor != "key")
                    Log.WaitsForKey(logger, marker.KeyId);
                Hold(forKey: true);
                WaitingFor = "key";
                return;
            }

            var attempt = time.GetTimestamp();
            await starter.StartAsync(goal, marker, cancellation);
            (startedAt, cameUp, waitingSince, WaitingFor) = (attempt, false, null, null);
            Log.Started(logger, goal.InstanceSize, marker.Encryption);
        }
        catch (ProcessStartException exception)
        {
            FailedStarts++;
            Hold(forKey: false);
            WaitingFor = exception.Message;
            Log.StartFailed(logger, exception.Message, wait);
        }
    }

    private void Hold(bool forKey)
    {
        wait = backoff.Next();
        waitingSince = time.GetTimestamp();
        waitsForKey = forKey;
    }

    private void Forget()
    {
        backoff.Reset();
        (startedAt, waitingSince, WaitingFor, cameUp, FailedStarts) = (null, null, null, false, 0);
    }
}
