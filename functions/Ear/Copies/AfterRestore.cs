using Ear.Clusters;
using Ear.Nodes;

namespace Ear.Copies;

/// <summary>What a restored past means for those who have lived on since: numbers that only grow must be larger than any that they have seen.</summary>
public static class AfterRestore
{
    /// <summary>Larger than any that was given before the restore <paramref name="number"/>: none grows by one in every millisecond. Raised twice is raised once.</summary>
    public static long Raised(long value, long number) => value > number ? value : number + 1;

    /// <summary>
    /// An agent obeys a goal and fence only if neither is lower than what it knows. The copy's operation is not told again: it may be long done, or undone, and its id is in the
    /// agent's journal or will be met there by another order. What the node last said is forgotten, so nothing is planned before it has spoken.
    /// </summary>
    public static Node Of(Node node, long number) => node with
    {
        Goal = node.Goal with
        {
            Goal = Raised(node.Goal.Goal, number),
            Fence = Raised(node.Goal.Fence, number),
            Restore = number,
            Op = null,
        },
        Report = null,
        HeardAt = null,
        LastFailure = null,
    };

    /// <summary>Generations are in the ids of events and operations: a wish after the restore must not have the ids of one that was made after the copy and is lost.</summary>
    public static Cluster Of(Cluster cluster, long number)
    {
        var generation = Raised(cluster.Generation, number);
        return cluster with
        {
            Generation = generation,
            AchievedGeneration = Moved(cluster.AchievedGeneration),
            StartedGeneration = Moved(cluster.StartedGeneration),
            RollingResync = cluster.RollingResync is { } resync ? Moved(resync) : null,
        };

        long Moved(long other) => other == cluster.Generation ? generation : other;
    }
}
