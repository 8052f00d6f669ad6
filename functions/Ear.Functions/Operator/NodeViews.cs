using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.Functions.Http.Answers;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Functions.Operator;

/// <param name="Next">For <c>after</c> of the next page; absent on the last one.</param>
internal sealed record PageView<T>(IReadOnlyList<T> Results, string? Next);

/// <summary>A node that waits for a machine. Never its token.</summary>
/// <param name="Machine">Which machine has a token for it; absent while none was given.</param>
/// <param name="TokenExpires">Afterwards another machine may take it.</param>
public sealed record AwaitedNodeView(
    string ProjectId, string ClusterName, string NodeId, int Index, string InstanceSize, string? ProviderName, string? RegionName, double? DiskSizeGB, string? MongoDBMajorVersion,
    string Since, string? Machine, string? TokenExpires);

/// <summary>What the cluster's wish says about the machine of each of its nodes.</summary>
public sealed class AwaitedNodeViews(IClusters clusters)
{
    public async Task<IReadOnlyList<AwaitedNodeView>> AwaitedAsync(IReadOnlyList<Node> nodes, CancellationToken cancellation)
    {
        var known = new Dictionary<ClusterRef, Cluster?>();
        var views = new List<AwaitedNodeView>(nodes.Count);
        foreach (var node in nodes)
        {
            if (!known.TryGetValue(node.Cluster, out var cluster))
                known[node.Cluster] = cluster = await FindAsync(node.Cluster, cancellation);
            views.Add(View(node, cluster));
        }
        return views;
    }

    private async Task<Cluster?> FindAsync(ClusterRef cluster, CancellationToken cancellation)
        => await clusters.FindAsync(cluster.ProjectId, cluster.Name, cancellation) is { Document: var found } && found.Id == cluster.Id ? found : null;

    private static AwaitedNodeView View(Node node, Cluster? cluster)
    {
        var region = cluster?.Spec.RegionOf(node.Index);
        return new(
            node.ProjectId.Value, node.Cluster.Name.Value, node.Id.Value, node.Index, node.Goal.InstanceSize, Text(region?["providerName"]), Text(region?["regionName"]),
            region?["electableSpecs"]?["diskSizeGB"]?.Deserialize<double>(), Text(cluster?.Spec.Described["mongoDBMajorVersion"]),
            AtlasTime.Format(node.AwaitedSince!.Value), node.Machine, node is { Machine: not null, Enrolment: { } given } ? AtlasTime.Format(given.Expires) : null);
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}

/// <summary>A node that left its cluster: its agent is told to stop, and the machine is of no use any more.</summary>
/// <param name="AgentHeard">When its agent was last heard as a member; absent if it never was.</param>
internal sealed record ReleasedNodeView(string ProjectId, string ClusterName, string NodeId, int Index, string Machine, string? Since, string? AgentHeard)
{
    public static ReleasedNodeView Of(Node node) => new(
        node.ProjectId.Value, node.Cluster.Name.Value, node.Id.Value, node.Index, node.Machine!,
        node.ReleasedAt is { } at ? AtlasTime.Format(at) : null, node.HeardAt is { } heard ? AtlasTime.Format(heard) : null);
}

/// <summary>All that an agent is started with; the first three are named as in its <c>agent.json</c>.</summary>
/// <param name="Token">Secret; good once.</param>
internal sealed record EnrolmentView(string ControlPlane, string ProjectId, string NodeId, string Token, string Expires, string Machine, string ClusterName, int Index)
{
    public static EnrolmentView Of(HandedOut given, string baseUrl) => new(
        baseUrl, given.Node.ProjectId.Value, given.Node.Id.Value, given.Token, AtlasTime.Format(given.Expires), given.Node.Machine!, given.Node.Cluster.Name.Value, given.Node.Index);

    /// <inheritdoc cref="HandedOut.ToString"/>
    public override string ToString() => $"{nameof(EnrolmentView)} {{ {ProjectId}, {NodeId}, {Machine}, {Expires} }}";
}
