using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>Which clusters need a provider's key (R34): those that want it, and those that have not yet finished leaving it.</summary>
public sealed class KeyUse(IClusters clusters, INodes nodes)
{
    /// <summary>For each provider that a PATCH names.</summary>
    public async Task<IReadOnlyDictionary<KeyProvider, IReadOnlyList<string>>> OfAsync(ProjectId project, EncryptionAtRestPatch patch, CancellationToken cancellation)
    {
        var used = new Dictionary<KeyProvider, IReadOnlyList<string>>();
        foreach (var named in patch.Named)
            used[named.Provider] = await ClustersUsingAsync(project, named.Provider, cancellation);
        return used;
    }

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
