using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Tests.Scenarios;

internal sealed partial class World
{
    /// <summary>A sweep's order has to have reached every node that can hear within this time.</summary>
    private static readonly TimeSpan ShutDownWithin = TimeSpan.FromMinutes(1);

    private readonly Dictionary<NodeId, WantedProcess> _wanted = [];
    private readonly HashSet<(ProjectId, DateTimeOffset)> _proven = [];

    /// <summary>I1, I2 and I6 (design §8), as they show in the documents and in the nodes.</summary>
    private async Task CheckInvariantsAsync()
    {
        foreach (var cluster in _clusters.Values.ToList())
        {
            if (await Store.FindAsync(cluster.ProjectId, cluster.Name, Cancellation) is not { } stored)
                continue;
            var project = (await Store.FindAsync(cluster.ProjectId, Cancellation))!.Document;
            var nodes = (await Store.ListAsync(cluster.ProjectId, cluster.Id, Cancellation)).Select(n => n.Document).ToList();
            CheckStops(stored.Document, project, nodes);
            CheckShutDown(stored.Document, project, nodes);
            var taken = nodes.Where(n => ClusterSight.IsBusy(n) && n.Goal.Op!.Kind is NodeOpKind.WipeAndResync or NodeOpKind.Restart or NodeOpKind.StepDown && ClusterSight.IsBusy(n)).ToList();
            Assert.True(taken.Count <= 1, $"I6: {string.Join(" and ", taken.Select(n => $"n{n.Index}"))} of {cluster.Name} are out at once.");
        }
    }

    private void CheckStops(Cluster cluster, Project project, List<Node> nodes)
    {
        var standing = project.EncryptionAtRest.StandingOf(KeyProvider.Aws);
        // A shut-down may only begin while the provider really says no.
        if (standing?.ShutDownSince is { } since && _proven.Add((project.Id, since)))
            Assert.True(standing.Last is KeyVerdict.Invalid, $"I1: {project.Name} is shut down although the last answer was {standing.Last}.");
        foreach (var node in nodes)
        {
            if (node.Goal.Process is WantedProcess.Stopped && _wanted.GetValueOrDefault(node.Id) is WantedProcess.Running)
                Assert.True(cluster.DeletionRequested || cluster.Spec.IsPaused || standing?.ShutDownSince is not null, $"I1: n{node.Index} of {cluster.Name} was stopped for a key that nobody has confirmed as invalid.");
            _wanted[node.Id] = node.Goal.Process;
        }
    }

    private void CheckShutDown(Cluster cluster, Project project, List<Node> nodes)
    {
        var usesKey = cluster.Spec.EncryptionAtRestProvider is not null || nodes.Exists(n => n.Goal.Encryption is not EncryptionMode.None);
        if (usesKey && project.EncryptionAtRest.StandingOf(KeyProvider.Aws)?.ShutDownSince is { } since && Time.GetUtcNow() - since > ShutDownWithin)
            Assert.All(nodes, n => Assert.False(Nodes[n.Id].IsUp, $"I2: n{n.Index} of {cluster.Name} runs {Time.GetUtcNow() - since} after its key was confirmed as invalid."));
    }
}
