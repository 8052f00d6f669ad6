using System.Diagnostics;
using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.Telemetry;

namespace Ear.Clusters;

/// <summary>
/// Carries out one move. The move is planned again from what is true now and dropped if it is no longer the answer: so a repeat
/// after a lost answer, or one that comes late, does nothing. What waits for the nodes waits outside, looking again.
/// </summary>
public sealed class ClusterMoves(ClusterLook look, NodeGoals goals, NodeProvisioning provisioning)
{
    /// <summary>Reports save nodes too; a few tries always suffice, and else the next look tries again.</summary>
    private const int MaxTries = 8;

    /// <summary>Tells every member to stop, or all but the primary.</summary>
    /// <returns>False when the move was not the answer any more, or others kept saving first.</returns>
    public Task<bool> StopAsync(ClusterRef cluster, Move.StopProcesses stop, bool sparePrimary, CancellationToken cancellation)
        => TryAsync(cluster, stop, s => SaveAllAsync(s, n => sparePrimary && n.Report?.Mongod.Role is MemberRole.Primary ? n : NodeOrders.Stop(n, stop.Why, s), cancellation), cancellation);

    public Task<bool> CarryOutAsync(ClusterRef cluster, Move move, CancellationToken cancellation) => move switch
    {
        Move.StartProcesses => TryAsync(cluster, move, s => SaveAllAsync(s, n => NodeOrders.Start(n, s), cancellation), cancellation),
        Move.StopProcesses stop => StopAsync(cluster, stop, sparePrimary: false, cancellation),
        Move.ResyncNode resync => TryAsync(cluster, move, s => ResyncAsync(s, resync, cancellation), cancellation),
        Move.ResizeNode resize => TryAsync(cluster, move, s => OrderAsync(s, resize.Node, n => NodeOrders.Resize(n, s), cancellation), cancellation),
        Move.StepDownPrimary step => TryAsync(cluster, move, s => OrderAsync(s, step.Node, n => NodeOrders.Do(n, NodeOpKind.StepDown, s), cancellation), cancellation),
        Move.AddNode add => TryAsync(cluster, move, s => AddAsync(s, add.Index, cancellation), cancellation),
        Move.RemoveNode remove => TryAsync(cluster, move, s => RemoveAsync(s, s.Node(remove.Node), cancellation), cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(move), move, "There is nothing to carry out."),
    };

    private async Task<bool> TryAsync(ClusterRef cluster, Move move, Func<ClusterSituation, Task<bool>> carryOut, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await look.LookAsync(cluster, cancellation) is not { } situation || ClusterPlanner.Next(situation.View) != move)
                return false;
            using var span = Span(situation.Cluster.Document, move);
            if (await carryOut(situation))
                return true;
            span?.SetStatus(ActivityStatusCode.Error, "others saved first");
        }
        return false;
    }

    // What the key brings about has another cause than the last wish, which only says where else to look.
    private static Activity? Span(Cluster cluster, Move move)
    {
        var name = $"order {move.GetType().Name}";
        return move is Move.StartProcesses or Move.StopProcesses { Why: StopReason.KeyInvalid } ? EarTraces.Beside(cluster.Trace, name) : EarTraces.GoOn(cluster.Trace, name);
    }

    private async Task<bool> SaveAllAsync(ClusterSituation situation, Func<Node, Node> order, CancellationToken cancellation)
    {
        var saved = true;
        foreach (var (node, version) in situation.Present)
        {
            // One busy node must not keep the others from hearing.
            if (order(node) is var ordered && ordered != node)
                saved &= await goals.SaveAsync(ordered, version, [], cancellation);
        }
        return saved;
    }

    private async Task<bool> ResyncAsync(ClusterSituation situation, Move.ResyncNode resync, CancellationToken cancellation)
    {
        var ordered = NodeOrders.Resync(situation.Node(resync.Node).Document, resync.Encryption, situation);
        return await OrderAsync(situation, resync.Node, _ => ordered, cancellation, NodeOrders.ResyncRequested(ordered, situation));
    }

    /// <summary>
    /// Every other member is written first, under a larger fence: of two who work from the same look only one gets through, so two
    /// members are never given an operation at once (I6), however late a write comes.
    /// </summary>
    private async Task<bool> OrderAsync(ClusterSituation situation, NodeId target, Func<Node, Node> order, CancellationToken cancellation, IReadOnlyList<ProjectEvent>? announce = null)
    {
        var fence = situation.Present.Max(n => n.Document.Goal.Fence) + 1;
        foreach (var (node, version) in situation.Present.Where(n => n.Document.Id != target))
        {
            if (!await goals.SaveAsync(NodeOrders.Fence(node, fence), version, [], cancellation))
                return false;
        }
        var stored = situation.Node(target);
        var ordered = order(stored.Document);
        return await goals.SaveAsync(ordered with { Goal = ordered.Goal with { Fence = fence } }, stored.Version, announce ?? [], cancellation);
    }

    private Task<bool> AddAsync(ClusterSituation situation, int index, CancellationToken cancellation)
    {
        if (situation.View.Nodes.FirstOrDefault(n => n.Index == index) is not { IsEnrolled: true } view)
            return provisioning.ProvideAsync(situation, index, cancellation);
        if (situation.View.Primary is not { } primary)
            return OrderAsync(situation, view.Id, n => NodeOrders.Do(n, NodeOpKind.Initiate, situation), cancellation);
        var member = situation.Node(view.Id).Document.HostPort;
        return OrderAsync(situation, primary.Id, n => NodeOrders.Do(n, NodeOpKind.AdmitMember, situation, member, PriorityOf(situation, index)), cancellation);
    }

    // Only their order counts. The first region's members have mongod's own default, 1, so that a set in one region needs no word about it.
    private static double? PriorityOf(ClusterSituation situation, int index)
        => situation.Cluster.Document.Spec.PriorityOf(index) is < ClusterSpec.HighestPriority and var priority ? priority / (double)ClusterSpec.HighestPriority : null;

    private Task<bool> RemoveAsync(ClusterSituation situation, Stored<Node> node, CancellationToken cancellation)
    {
        var primary = situation.View.Primary;
        var isConfigured = primary is not null && node.Document.HostPort is { } hostPort
            && situation.Node(primary.Id).Document.Report!.Mongod.ConfiguredMembers.Contains(hostPort);
        return situation.View.Deleting || !isConfigured
            ? provisioning.RemoveAsync(situation, node, cancellation)
            : OrderAsync(situation, primary!.Id, n => NodeOrders.Do(n, NodeOpKind.RemoveMember, situation, node.Document.HostPort), cancellation);
    }
}
