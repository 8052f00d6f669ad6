using Ear.Clusters;
using Ear.Nodes;

namespace Ear.Tests.Clusters;

/// <summary>What must hold of every answer of the planner (design §8).</summary>
internal static class PlannerInvariants
{
    /// <summary>Null when all hold; else which does not, and how.</summary>
    public static string? Broken(ClusterView view, Move move)
    {
        if (move is Move.StopProcesses { Why: StopReason.KeyInvalid } && view.Key is not KeyView.Invalid)
            return $"I1: stops for a key that is {view.Key}";
        if (view.Key is KeyView.Unknown && !view.Deleting && !view.Paused && move is not (Move.Wait or Move.Done))
            return $"I1: {move} without a certain answer about the key";
        if (view.Key is KeyView.Invalid && !view.Deleting && view.Nodes.Any(n => n.OrderedRunning) && move is not Move.StopProcesses)
            return $"I2: {move} before what runs under an invalid key is stopped";
        if (view.Key is KeyView.Invalid && !view.Deleting && !view.Paused && move is Move.StartProcesses or Move.Done && view.Key is KeyView.Invalid && !view.Deleting && !view.Paused)
            return $"I2: {move} under an invalid key";
        if (move is Move.StopProcesses { Why: StopReason.Deleted } && !view.Deleting)
            return "stops a cluster that nobody deletes";
        if (move is Move.StopProcesses { Why: StopReason.Paused } && !view.Paused)
            return "stops a cluster that nobody pauses";
        if (view.Paused && !view.Deleting && move is not (Move.StopProcesses or Move.Wait or Move.Done))
            return $"{move} of a paused cluster";
        return TakesOut(view, move) is { } target ? BrokenByTakingOut(view, target, move) : null;
    }

    /// <summary>The member that a move takes out of service; a step-down costs the set its primary for a moment.</summary>
    private static NodeView? TakesOut(ClusterView view, Move move) => move switch
    {
        Move.ResyncNode resync => view.Nodes.Single(n => n.Id == resync.Node),
        Move.ResizeNode resize => view.Nodes.Single(n => n.Id == resize.Node),
        Move.StepDownPrimary step => view.Nodes.Single(n => n.Id == step.Node),
        Move.RemoveNode remove when !view.Deleting => view.Nodes.Single(n => n.Id == remove.Node),
        _ => null,
    };

    private static string? BrokenByTakingOut(ClusterView view, NodeView target, Move move)
    {
        var others = view.Others(target.Id).Where(n => n.IsMember).ToList();
        if (others.Exists(n => !n.IsUp || n.Role is not (MemberRole.Primary or MemberRole.Secondary) || !n.OrderedRunning))
            return $"I6: {move} while another member is out";
        if (others.Exists(n => !n.CaughtUp))
            return $"I6: {move} while another member has not caught up";
        if (others.Count < view.Majority)
            return $"I6: {move} leaves no majority";
        return target.IsPrimary != move is Move.StepDownPrimary ? $"I6: {move} for a {target.Role}" : null;
    }
}
