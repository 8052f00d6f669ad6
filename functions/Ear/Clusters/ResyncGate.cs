using Ear.Nodes;

namespace Ear.Clusters;

/// <summary>
/// What must hold before a member is touched (spec dataplane §1.5, gates 1–8). The agent checks its own side again, against its
/// mongod and a peer, right before it moves data aside.
/// </summary>
public static class ResyncGate
{
    /// <summary>Null when <paramref name="node"/> may be taken out now; else the reason why not, for people.</summary>
    /// <param name="wipes">Its data files are to be written anew; false for a mere restart or a step-down.</param>
    public static string? Closed(ClusterView view, NodeView node, bool wipes)
    {
        var others = view.Nodes.Where(n => n.IsMember && n.Id != node.Id).ToList();

        // Gate 1: every other voting member is healthy, and they are a majority without this one.
        // Gate 3: in a set without arbiters the write majority is the same count, so that w:majority does not stall.
        // Gate 4: none of them is in STARTUP2, RECOVERING or ROLLBACK: those do not serve.
        if (others.FirstOrDefault(n => !n.IsServing) is { } sick)
            return $"{sick.Name} does not serve ({Words(sick)}), and only one member may be out at a time";
        if (others.Count < view.Majority)
            return $"without {node.Name} the set would have {others.Count} of the {view.Majority} votes it needs";

        if (view.Primary is null)
            return "the set has no primary";

        // Gate 2: another member holds every majority-committed write.
        if (others.FirstOrDefault(n => !n.CaughtUp) is { } behind)
            return $"{behind.Name} has not caught up with the primary";

        // Gate 5: no other operation is under way. Backups are operations of a node, too.
        if (view.Nodes.FirstOrDefault(n => n.Busy is not null) is { } busy)
            return $"{busy.Name} is busy: {busy.Busy}";

        // Gate 6: the old files stay aside until the new ones are complete.
        if (wipes && !node.HasDiskRoom)
            return $"{node.Name} has no room for a second copy of its data: give it a larger disk";

        // Gate 7 (never the primary) is the planner's StepDownPrimary.
        // Gate 8: whatever restarts must be able to read its key, now.
        return view.Key is KeyView.Valid or KeyView.NotNeeded ? null : "there is no certain answer about the customer key";
    }

    private static string Words(NodeView node) => node.Process switch
    {
        ProcessView.Unheard => "its agent is not heard",
        ProcessView.Down => "mongod is down",
        _ => node.Role.ToString().ToUpperInvariant(),
    };
}
