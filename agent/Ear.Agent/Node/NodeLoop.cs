using Ear.Agent.Goals;
using Ear.Agent.Operations;
using Ear.Agent.Processes;
using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Node;

/// <summary>The one place that acts on this node: look, do what the goal wants, report; again when the goal changes or a moment has passed.</summary>
internal sealed class NodeLoop(GoalKeeper goals, NodeEyes eyes, OperationRunner operations, Supervisor supervisor, ReportWriter reports, ReportBoard board, TimeProvider time, ILogger<NodeLoop> logger)
{
    private static readonly TimeSpan InMotion = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AtRest = TimeSpan.FromSeconds(1);

    private GoalVerdict? lastVerdict = goals.Current?.Verdict;
    private string? lastFault;

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!goals.Removed)
        {
            var changed = goals.Changed;
            var pause = await TickSafelyAsync(cancellation);
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(changed, Task.Delay(pause, time, waiting.Token));
            await waiting.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }

        await supervisor.StopAsync(cancellation);
    }

    /// <returns>How long nothing needs to be looked at.</returns>
    internal async Task<TimeSpan> TickAsync(CancellationToken cancellation)
    {
        var sight = await LookAndReportAsync(cancellation);
        if (goals.Current is not { } goal)
            return AtRest;
        NoticeVerdict(goal.Verdict);
        // After each step there is a new look; an older one must not be reported over it.
        await operations.TickAsync(goal, sight.Mongod, async token => (sight = await LookAndReportAsync(token)).Mongod, cancellation);
        if (goal.Process == WantedProcess.Stopped)
            await supervisor.StopAsync(cancellation);
        else if (!operations.HoldsProcess)
            await supervisor.KeepRunningAsync(goal, sight.Mongod.Up, cancellation);
        Publish(sight);
        return operations.IsOpen || sight.Process is null == (goal.Process == WantedProcess.Running) ? InMotion : AtRest;
    }

    private async Task<TimeSpan> TickSafelyAsync(CancellationToken cancellation)
    {
        try
        {
            var pause = await TickAsync(cancellation);
            lastFault = null;
            return pause;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full or hanging disk: said once, tried again; ending the agent would help nobody.
            if (lastFault != exception.Message)
                Log.TickFailed(logger, exception);
            lastFault = exception.Message;
            return AtRest;
        }
    }

    private async Task<NodeSight> LookAndReportAsync(CancellationToken cancellation)
    {
        var sight = await eyes.LookAsync(cancellation);
        Publish(sight);
        return sight;
    }

    private void Publish(NodeSight sight)
    {
        board.Trace = operations.TraceParent;
        board.Publish(reports.Write(sight));
    }

    private void NoticeVerdict(GoalVerdict verdict)
    {
        if (verdict == GoalVerdict.Valid && lastVerdict != GoalVerdict.Valid)
            supervisor.KeyBecameValid();
        lastVerdict = verdict;
    }
}
