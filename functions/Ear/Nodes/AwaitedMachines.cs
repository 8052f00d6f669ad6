using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.Nodes;

/// <summary>
/// Ear starts no machines: whoever runs the fleet does, and an agent on each enrols for the node that waits for it (ADR-0014).
/// Ear waits as long as that takes; the cluster says that it is CREATING or UPDATING.
/// </summary>
public sealed class AwaitedMachines(ILogger<AwaitedMachines> logger) : IMachines
{
    public bool AreAwaited => true;

    /// <summary>Nothing to do but to say so: the node is stored, listed and announced.</summary>
    public Task ProvideAsync(MachineRequest request, CancellationToken cancellation)
    {
        Log.NodeAwaited(logger, request.NodeId.Value, request.Index, request.Cluster.Name.Value, request.ProjectId.Value);
        return Task.CompletedTask;
    }

    /// <summary>The node stays as a tombstone, by which its agent is told to stop mongod and forget; the machine is not Ear's to destroy.</summary>
    public Task ReleaseAsync(ProjectId project, NodeId node, CancellationToken cancellation)
    {
        Log.NodeReleased(logger, node.Value, project.Value);
        return Task.CompletedTask;
    }
}
