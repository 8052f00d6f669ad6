using Ear.Clusters;
using Ear.Nodes;
using Ear.Telemetry;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>
/// Nodes that have not done what they are told. Only an unfinished cluster has any, and only so many of those are looked at: in a fleet with more of them
/// under way at once the number is a lower bound, and far beyond what needs somebody's eye.
/// </summary>
internal sealed class OutstandingGoals(IUnfinishedClusters unfinished, INodes nodes) : IGaugeSource
{
    public const int MostClusters = 100;

    public async Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation)
    {
        var outstanding = 0;
        foreach (var cluster in await unfinished.ListAsync(MostClusters, cancellation))
        {
            var members = await nodes.ListAsync(cluster.ProjectId, cluster.Id, cancellation);
            outstanding += members.Count(n => !n.Document.Removed && (n.Document.Report?.AchievedGoal ?? 0) < n.Document.Goal.Goal);
        }
        return before with { OutstandingGoals = outstanding };
    }
}
