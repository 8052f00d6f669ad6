using Ear.Projects;

namespace Ear.Nodes;

/// <summary>The long poll: a report in, a goal out as soon as there is one that the agent does not know.</summary>
public sealed class NodePolls(INodes nodes, NodeReports reports, GoalBell bell, TimeProvider time)
{
    /// <summary>A goal that another process wrote is heard within this time.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <param name="stopping">The host is asked to stop: the poll ends as one in which nothing was new, and the agent asks the next host. A stop must not wait for idle agents.</param>
    /// <returns>The goal; no value and no fault when nothing was new for the length of a poll.</returns>
    public async Task<AgentReply<NodeGoal>> PollAsync(ProjectId project, NodeId id, PollRequest request, CancellationToken stopping, CancellationToken cancellation)
    {
        var end = time.GetUtcNow() + AgentApi.LongPoll;
        // Before each look, so that a ring between the look and the wait is not missed.
        var ring = bell.Next(id);
        var node = await reports.TakeAsync(project, id, request.Report, cancellation);
        try
        {
            while (true)
            {
                if (node is null or { Removed: true })
                    return AgentFault.Removed;
                if (node.Goal.Goal != request.KnownGoal)
                    return node.Goal;
                if (time.GetUtcNow() >= end || stopping.IsCancellationRequested)
                    return default;
                await RingOrTickAsync(ring, stopping, cancellation);
                ring = bell.Next(id);
                node = (await nodes.FindAsync(project, id, cancellation))?.Document;
            }
        }
        finally
        {
            bell.Forget(id);
        }
    }

    private async Task RingOrTickAsync(Task ring, CancellationToken stopping, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellation);
        await Task.WhenAny(ring, Task.Delay(LookAgain, time, over.Token));
        await over.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }
}
