using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ear.Alerts;
using Ear.Nodes;
using Ear.Secrets;
using Ear.Telemetry;

namespace Ear.Clusters;

/// <summary>Brings members into being and lets them go. Every step is told again until it is done, and told twice is told once.</summary>
public sealed class NodeProvisioning(IClusters clusters, INodes nodes, IMachines machines, ISecrets secrets, IIds ids)
{
    /// <summary>How long an enrolment token is good for; a machine that takes longer is given the same token again.</summary>
    public static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);

    /// <summary>Its id is written into the cluster first, so that whoever comes after a crash makes the same node.</summary>
    /// <returns>False when somebody else saved first.</returns>
    public async Task<bool> ProvideAsync(ClusterSituation situation, int index, CancellationToken cancellation)
    {
        var (cluster, version) = situation.Cluster;
        if (cluster.Nodes.Length <= index)
            return await NameAsync(cluster with { Nodes = cluster.Nodes.Add(ids.New<NodeId>()) }, version, index, cancellation);
        var id = cluster.Nodes[index];
        var stored = await nodes.FindAsync(cluster.ProjectId, id, cancellation);
        // The set was larger once: whoever is gone stays gone, and another one takes the place.
        if (stored is { Document.Removed: true })
            return await NameAsync(cluster with { Nodes = cluster.Nodes.SetItem(index, ids.New<NodeId>()) }, version, index, cancellation);
        var node = stored?.Document ?? New(situation, id, index);
        string? token = null;
        IReadOnlyList<ProjectEvent> told = [];
        if (node.AgentKey is null && machines.AreAwaited)
        {
            if (node.AwaitedSince is not null)
                return true;
            node = node with { AwaitedSince = situation.Now, Enrolment = null };
            told = [Event(situation, node, "NODE_AWAITED", ("instanceSize", node.Goal.InstanceSize))];
        }
        else if (node.AgentKey is null)
        {
            token = await TokenAsync(id, cancellation);
            node = node with { Enrolment = new(Sha256(token), situation.Now + TokenLife) };
        }
        // Saved before the machine starts, or its agent would be refused.
        if (node.AgentKey is null && !(await nodes.SaveAsync(node, stored?.Version ?? 0, told, cancellation)).Saved)
            return false;
        await machines.ProvideAsync(new(cluster.ProjectId, id, cluster.Ref, index, token), cancellation);
        return true;
    }

    private async Task<bool> NameAsync(Cluster named, long version, int index, CancellationToken cancellation)
        => (await clusters.SaveAsync(named, version, [], cancellation)).Saved && named.Nodes.Length <= index;

    /// <summary>The node stays as a tombstone: its agent may ask again long after, and its wrapped keys may be needed (I4).</summary>
    public async Task<bool> RemoveAsync(ClusterSituation situation, Stored<Node> node, CancellationToken cancellation)
    {
        var removed = node.Document with { Removed = true, Goal = node.Document.Goal with { Goal = node.Document.Goal.Goal + 1, Op = null } };
        IReadOnlyList<ProjectEvent> told = [];
        if (removed.AwaitedSince is not null)
        {
            removed = removed with { ReleasedAt = situation.Now };
            told = [Event(situation, removed, "NODE_RELEASED", removed.Machine is { } machine ? [("machine", machine)] : [])];
        }
        // Released first: a machine whose release failed is found again as long as its node is not marked.
        await machines.ReleaseAsync(removed.ProjectId, removed.Id, cancellation);
        return (await nodes.SaveAsync(removed, node.Version, told, cancellation)).Saved;
    }

    private static ProjectEvent Event(ClusterSituation situation, Node node, string type, params IEnumerable<(string, string)> details)
        => CausedEvents.Of(situation.Cluster.Document, type, node.Id.Value, situation.Now, [("index", node.Index.ToString(CultureInfo.InvariantCulture)), .. details]) with { NodeId = node.Id.Value };

    public static string Sha256(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static Node New(ClusterSituation situation, NodeId id, int index)
    {
        var (cluster, _) = situation.Cluster;
        var wanted = cluster.Spec.EncryptionAtRestProvider;
        return new(id, cluster.ProjectId, cluster.Ref, index, new NodeGoal(
            Goal: 1, Fence: 1, WantedProcess.Running, NodeOrders.ModeOf(wanted), cluster.Spec.InstanceSize, cluster.ReplicaSetName,
            NodeVerdicts.Of(situation.Project, wanted), situation.Now)
        { Trace = EarTraces.Here });
    }

    // Derived, so that telling a machine again gives it the token that it already has. One-time all the same: enrolment burns it.
    private async Task<string> TokenAsync(NodeId id, CancellationToken cancellation)
    {
        var key = await secrets.GetOrCreateAsync(OwnSecrets.EnrolmentKey, () => ids.Secret(32), cancellation);
        try
        {
            return Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(id.Value)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
