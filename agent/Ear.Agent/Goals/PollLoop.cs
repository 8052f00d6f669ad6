using System.Net;
using Ear.Agent.ControlPlane;
using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Goals;

/// <summary>Reports and asks, without end: a poll in flight is given up as soon as there is something new to report.</summary>
internal sealed class PollLoop(ControlPlaneClient controlPlane, GoalKeeper goals, ReportBoard board, TimeProvider time, IIds ids, ILogger<PollLoop> logger)
{
    // A node in motion changes several times a second; this keeps its requests under ten.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Backoff backoff = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30), ids);
    private long? awaySince;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await board.First.WaitAsync(cancellation);
        while (!goals.Removed)
        {
            var wait = await PollOnceAsync(cancellation);
            await Task.Delay(wait, time, cancellation);
        }
    }

    /// <returns>How long to wait before the next poll.</returns>
    private async Task<TimeSpan> PollOnceAsync(CancellationToken cancellation)
    {
        var (report, outdated) = board.Take();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, outdated);
        try
        {
            var answer = await controlPlane.PollAsync(new PollRequest(report, goals.KnownGoal), board.Trace, either.Token);
            if (answer.Body is { } goal)
            {
                Heard();
                // A refused goal is told again at once, without end: not as fast as that.
                return goals.Accept(goal) ? Settled() : backoff.Next();
            }

            if (answer.Status == HttpStatusCode.NoContent)
            {
                Heard();
                return Settled();
            }

            // Only in the control plane's own words: a proxy's 410 must not make a node forget itself.
            if (answer.Says(HttpStatusCode.Gone))
            {
                Heard();
                goals.Remove();
                return Settled();
            }

            return Away(answer.Describe());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Something new to report. If a goal was on its way, it is told again: KnownGoal has not moved.
            return Pause;
        }
        catch (OutageException outage)
        {
            return Away(outage.Message);
        }
    }

    private void Heard()
    {
        if (awaySince is { } since)
            Log.ControlPlaneBack(logger, time.GetElapsedTime(since));
        awaySince = null;
    }

    private TimeSpan Settled()
    {
        backoff.Reset();
        return Pause;
    }

    private TimeSpan Away(string why)
    {
        // On the edge only: an outage of a night is two lines.
        if (awaySince is null)
            Log.ControlPlaneAway(logger, why);
        awaySince ??= time.GetTimestamp();
        return backoff.Next();
    }
}
