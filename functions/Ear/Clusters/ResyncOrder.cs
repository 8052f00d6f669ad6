namespace Ear.Clusters;

/// <summary>
/// In which order members are taken out (R30, spec dataplane §1.5): hidden and priority-0 members first, then the secondaries by
/// ascending priority, the primary last: so one election is enough, and it falls to a member that is already as wanted.
/// </summary>
public static class ResyncOrder
{
    public static IEnumerable<NodeView> Of(IEnumerable<NodeView> nodes)
        => nodes
            .OrderBy(n => n.IsPrimary)
            .ThenByDescending(n => n.Hidden || n.Priority is 0)
            .ThenBy(n => n.Priority)
            .ThenBy(n => n.Index);
}
