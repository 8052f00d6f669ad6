using Ear.Agent.Storage;
using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Goals;

/// <summary>
/// The newest goal, on disk before anything acts on it. Goals and fences only grow; a lower one comes from an orchestration that
/// has been replaced, and is refused (spec dataplane §6.3).
/// </summary>
internal sealed class GoalKeeper(AgentStateStore state, TimeProvider time, ILogger<GoalKeeper> logger)
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? receivedAt;

    public NodeGoal? Current => state.Current.Goal;

    public bool Removed => state.Current.Removed;

    /// <summary>What the poll tells the control plane: 0 until this agent start has heard it once, so that the goal is told again and its lease is fresh.</summary>
    public long KnownGoal
    {
        get
        {
            lock (gate)
                return receivedAt is null ? 0 : Current?.Goal ?? 0;
        }
    }

    /// <summary>Ends with the next accepted goal.</summary>
    public Task Changed
    {
        get
        {
            lock (gate)
                return changed.Task;
        }
    }

    /// <returns>False when it was refused.</returns>
    public bool Accept(NodeGoal goal)
    {
        lock (gate)
        {
            var known = Current;
            if (known is not null && (goal.Goal < known.Goal || goal.Fence < known.Fence))
            {
                Log.GoalRefused(logger, goal.Goal, goal.Fence, known.Goal, known.Fence);
                return false;
            }

            if (known is null || goal.Goal > known.Goal || goal.Fence > known.Fence)
            {
                state.Update(current => current with { Goal = goal });
                Log.GoalAccepted(logger, goal.Goal, goal.Fence, goal.Process, goal.Encryption, goal.Verdict, goal.Op?.Kind, goal.Op?.Id);
            }

            receivedAt = time.GetTimestamp();
            Signal();
            return true;
        }
    }

    public void Remove()
    {
        lock (gate)
        {
            state.Update(current => current with { Removed = true });
            Log.NodeRemoved(logger);
            Signal();
        }
    }

    /// <summary>What is left of the lease of operation <paramref name="opId"/>: counted from receipt on this process's clock; nothing when only the disk remembers it.</summary>
    public TimeSpan LeaseLeft(string opId)
    {
        lock (gate)
        {
            if (receivedAt is not { } at || Current?.Op is not { } op || op.Id != opId)
                return TimeSpan.Zero;
            var left = TimeSpan.FromSeconds(op.LeaseSeconds) - time.GetElapsedTime(at);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private void Signal()
    {
        var done = changed;
        changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.SetResult();
    }
}
