using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>What would go down if a provider's key went away: asked before a key is disabled, not after.</summary>
public sealed class KeyImpact(KeyUse use, IClusters clusters, INodes nodes)
{
    /// <returns>By name, ascending.</returns>
    public async Task<IReadOnlyList<AffectedCluster>> OfAsync(ProjectId project, KeyProvider provider, CancellationToken cancellation)
    {
        var affected = new List<AffectedCluster>();
        foreach (var name in await use.ClustersUsingAsync(project, provider, cancellation))
        {
            // Deleted between the two looks: nothing of it is left to be affected.
            if (await clusters.FindAsync(project, ClusterName.Parse(name, null), cancellation) is not { Document: var cluster })
                continue;
            var members = (await nodes.ListAsync(project, cluster.Id, cancellation)).Select(n => n.Document).Where(n => !n.Removed);
            affected.Add(new(cluster, cluster.Spec.EncryptionAtRestProvider != provider, [.. members.Select(n => new AffectedNode(n, KeysOf(n, provider)))]));
        }
        return affected;
    }

    private static IReadOnlyList<WrappedKey> KeysOf(Node node, KeyProvider provider) => [.. node.MasterKeys.Values.Where(k => k.Provider == provider)];
}

/// <param name="IsLeaving">It no longer wants this provider, but has not finished being re-synced away from it.</param>
public sealed record AffectedCluster(Cluster Cluster, bool IsLeaving, IReadOnlyList<AffectedNode> Nodes);

/// <param name="MasterKeys">Its node master keys that only this provider's key can unwrap, former ones included.</param>
public sealed record AffectedNode(Node Node, IReadOnlyList<WrappedKey> MasterKeys);
