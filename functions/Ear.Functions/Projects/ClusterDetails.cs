using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Projects;

/// <summary>How the clusters of a project are doing, in few words. What nobody told Ear (users and TLS of the mongod are their owner's) is left out.</summary>
public sealed class ClusterDetails(IClusters clusters, INodes nodes, IAlerts alerts, IOptions<ProjectOptions> options, TimeProvider time)
{
    internal async Task<ProjectClustersView> OfAsync(Project project, CancellationToken cancellation)
    {
        var open = await alerts.ListAsync(project.Id, AlertStatus.Open, cancellation);
        var found = new List<ClusterDetailsView>();
        foreach (var (cluster, _) in await clusters.ListAsync(project.Id, cancellation))
        {
            var members = (await nodes.ListAsync(project.Id, cluster.Id, cancellation)).Select(n => n.Document).Where(n => !n.Removed).ToList();
            found.Add(ViewOf(cluster, project, members, open.Count(a => a.Document.ClusterName == cluster.Name.Value)));
        }
        return new(found, project.Id.Value, project.Name, project.OrgId.Value, options.Value.OrganizationName, []);
    }

    private ClusterDetailsView ViewOf(Cluster cluster, Project project, IReadOnlyList<Node> members, int alertCount) => new(
        alertCount,
        AvailabilityOf(cluster, ClusterSight.ViewOf(cluster, project, members, time.GetUtcNow()).Nodes),
        BackupEnabled: false,
        cluster.Id.Value,
        members.Max(n => n.Report?.DataBytes),
        cluster.Name.Value,
        members.Count,
        "REPLICA_SET",
        [.. members.Select(n => n.Report?.Mongod.Version).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    /// <summary>Atlas's words: dead is paused; unavailable has no primary; warning has one, but not all of its members; available has all of them.</summary>
    internal static string AvailabilityOf(Cluster cluster, IReadOnlyCollection<NodeView> members)
    {
        if (cluster.PausedSince is not null)
            return "dead";
        if (!members.Any(m => m.Role is MemberRole.Primary))
            return "unavailable";
        return members.All(m => m.Role is MemberRole.Primary or MemberRole.Secondary) ? "available" : "warning";
    }
}

/// <param name="Tags">Always empty, as in Atlas.</param>
internal sealed record ProjectClustersView(IReadOnlyList<ClusterDetailsView> Clusters, string GroupId, string GroupName, string OrgId, string OrgName, IReadOnlyList<string> Tags);

/// <param name="DataSizeBytes">Null: no node told it yet.</param>
internal sealed record ClusterDetailsView(
    int AlertCount, string Availability, bool BackupEnabled, string ClusterId, long? DataSizeBytes, string Name, int NodeCount, string Type, IReadOnlyList<string> Versions);
