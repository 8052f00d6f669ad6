using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>Which clusters need a provider's key (R34): those that want it, and those that have not yet finished leaving it.</summary>
public sealed class KeyUse(IClusters clusters, INodes nodes)
{
    /// <returns>Names, ascending.</returns>
    public async Task<IReadOnlyList<string>> ClustersUsingAsync(ProjectId project, KeyProvider provider, CancellationToken cancellation)
    {
        var names = new List<string>();
        foreach (var (cluster, _) in await clusters.ListAsync(project, cancellation))
        {
            if (cluster.Spec.EncryptionAtRestProvider == provider || (cluster.IsPending && await HasEncryptedNodesAsync(cluster, provider, cancellation)))
                names.Add(cluster.Name.Value);
        }
        return names;
    }

    private async Task<bool> HasEncryptedNodesAsync(Cluster cluster, KeyProvider provider, CancellationToken cancellation)
        => (await nodes.ListAsync(cluster.ProjectId, cluster.Id, cancellation)).Any(n => IsEncryptedBy(n.Document, provider));

    private static bool IsEncryptedBy(Node node, KeyProvider provider)
    {
        if (node.Goal.Encryption is EncryptionMode.None && node.Report is not { Encryption: not EncryptionMode.None })
            return false;
        return node.Report?.MasterKeyId is not { } id || !node.MasterKeys.TryGetValue(id, out var wrapped) || wrapped.Provider == provider;
    }
}
