using System.Collections.Concurrent;
using Ear.Alerts;

namespace Ear.Nodes;

/// <summary>
/// Tells a waiting poll in this process that its node's goal may have changed. Only a short cut: a poll looks for itself, too, so
/// that a goal written by another process is heard as well.
/// </summary>
public sealed class GoalBell
{
    private readonly ConcurrentDictionary<NodeId, TaskCompletionSource> _waiting = new();

    public void Ring(NodeId node)
    {
        if (_waiting.TryRemove(node, out var waiting))
            waiting.TrySetResult();
    }

    /// <summary>Completes at the next ring. Take it before looking, or a ring in between is missed.</summary>
    public Task Next(NodeId node) => _waiting.GetOrAdd(node, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The node polls no more: nothing is kept of it.</summary>
    public void Forget(NodeId node) => _waiting.TryRemove(node, out _);
}

/// <summary>Saves nodes whose goal changed, and rings.</summary>
public sealed class NodeGoals(INodes nodes, GoalBell bell)
{
    public async Task<bool> SaveAsync(Node node, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
    {
        var saved = (await nodes.SaveAsync(node, expectedVersion, announce, cancellation)).Saved;
        if (saved)
            bell.Ring(node.Id);
        return saved;
    }
}
