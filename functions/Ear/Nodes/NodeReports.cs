using System.Text.Json;
using Ear.Projects;

namespace Ear.Nodes;

/// <summary>
/// Takes what an agent reports. Written only when it says something new, or now and then as a sign of life: an idle fleet hardly writes. A report that comes
/// late is answered and not taken over a newer one that was written; what it says of the node now comes with the agent's next.
/// </summary>
public sealed class NodeReports(INodes nodes, IReportListener listener, TimeProvider time)
{
    public static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(30);

    private const int MaxTries = 5;

    /// <returns>The node as it is now; null when there is none.</returns>
    public async Task<Node?> TakeAsync(ProjectId project, NodeId id, NodeReport report, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            if (await nodes.FindAsync(project, id, cancellation) is not { Document: { } node } stored)
                return null;
            if (node.Report is { } written && report.IsNoNewerThan(written))
                return node;
            var now = time.GetUtcNow();
            var isNews = node.Report is not { } known || Gist(known) != Gist(report) || now - node.HeardAt > Clusters.ClusterSight.Unheard;
            if (node.Removed || (!isNews && now - node.HeardAt < SignOfLife))
                return node;
            var heard = node with { Report = report, HeardAt = now, HostPort = report.HostPort };
            if ((await nodes.SaveAsync(heard, stored.Version, [], cancellation)).Saved)
            {
                if (isNews)
                    await listener.ReportedAsync(node.Cluster, cancellation);
                return heard;
            }
            if (tries == MaxTries)
                return node;
        }
    }

    /// <summary>What of a report can change a decision: sequence numbers, exact lag, single per cents and free bytes cannot.</summary>
    private static string Gist(NodeReport report) => JsonSerializer.Serialize(
        report with
        {
            Sequence = 0,
            DiskFreeBytes = null,
            DiskTotalBytes = null,
            DataBytes = null,
            Op = report.Op is { } op ? op with { Percent = op.Percent / 10 } : null,
            Mongod = report.Mongod with
            {
                LagSeconds = report.Mongod.LagSeconds is { } lag ? lag <= Clusters.ClusterSight.MaxLagSeconds ? 0 : 1 : null,
                SyncPercent = report.Mongod.SyncPercent / 10,
            },
        },
        EarJson.Options);
}
