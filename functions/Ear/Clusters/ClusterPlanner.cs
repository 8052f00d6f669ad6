namespace Ear.Clusters;

/// <summary>
/// The one decision about a cluster (style rule 2): given what is wanted, what the key allows and what the members report, the one
/// move to make now. Pure; looked at again after every move, so that a crash, a change of mind or a key that turns invalid half-way
/// needs no case of its own. The table in docs/cluster-lifecycle.md is generated from it. First answer wins:
/// <list type="number">
/// <item>Deletion: stop all, remove one after the other; it needs no key.</item>
/// <item>Paused: stop all, and leave everything as it is; no key is needed for that.</item>
/// <item>Key Invalid: stop all, whatever else is under way (I2); then nothing until it is valid.</item>
/// <item>Something is stopped that should run: start it, unless the key's state is not known.</item>
/// <item>An operation is under way, or failed a moment ago: let it end.</item>
/// <item>Missing members: create, then admit them; surplus ones that never came are taken back first.</item>
/// <item>Somebody is down by itself: nobody else is touched (I6).</item>
/// <item>A failover that was asked for: the primary steps down through the gate.</item>
/// <item>Surplus members, wrong encryption, wrong size: one member at a time through the gate, the primary last.</item>
/// </list>
/// A key in state Unknown turns every move of 6, 8 and 9 into a wait: each of them ends in a start, or an election, that needs the key.
/// </summary>
public static class ClusterPlanner
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The next scheduled check comes within this time (R36).</summary>
    public static readonly TimeSpan NextCheck = TimeSpan.FromMinutes(15);

    public static Move Next(ClusterView view)
        => Deletion(view) ?? Pause(view) ?? KeyShutDown(view) ?? Restart(view) ?? Unfinished(view) ?? OnlyWithItsKey(view, Growth(view) ?? Health(view) ?? Failover(view) ?? Change(view) ?? new Move.Done());

    private static Move? Deletion(ClusterView view)
    {
        if (!view.Deleting)
            return null;
        if (view.Nodes.IsEmpty)
            return new Move.Done();
        if (view.Nodes.Any(n => n.OrderedRunning))
            return new Move.StopProcesses(StopReason.Deleted);
        // A member whose agent is not heard does not hold the deletion up: it is told "removed" when it comes back.
        return view.Nodes.FirstOrDefault(n => n.IsUp) is { } up
            ? new Move.Wait(Soon, $"The cluster is being deleted: {up.Name} is going down.")
            : new Move.RemoveNode(view.Nodes[^1].Id);
    }

    private static Move? Pause(ClusterView view)
    {
        if (!view.Paused)
            return null;
        if (view.Nodes.Any(n => n.OrderedRunning))
            return new Move.StopProcesses(StopReason.Paused);
        return view.Nodes.FirstOrDefault(n => n.IsUp) is { } up
            ? new Move.Wait(Soon, $"The cluster is being paused: {up.Name} is going down.")
            : new Move.Done();
    }

    private static Move? KeyShutDown(ClusterView view)
    {
        if (view.Key is not KeyView.Invalid)
            return null;
        if (view.Nodes.Any(n => n.OrderedRunning))
            return new Move.StopProcesses(StopReason.KeyInvalid);
        return view.Nodes.FirstOrDefault(n => n.IsUp) is { } up
            ? new Move.Wait(Soon, $"The customer key is invalid: {up.Name} is going down.")
            : new Move.Wait(NextCheck, "The customer key is invalid: every process stays down until it is valid again.");
    }

    private static Move? Restart(ClusterView view)
    {
        if (view.Nodes.All(n => n.OrderedRunning))
            return null;
        return view.Key is KeyView.Unknown
            ? new Move.Wait(Minute, "There is no certain answer about the customer key: what is stopped stays stopped.")
            : new Move.StartProcesses();
    }

    private static Move? Unfinished(ClusterView view)
    {
        if (view.Nodes.FirstOrDefault(n => n.Busy is not null) is { } busy)
            return new Move.Wait(Minute, $"{Capital(busy)} is busy: {busy.Busy}.");
        return view.Nodes.FirstOrDefault(n => n.RetryIn is not null) is { } failed
            ? new Move.Wait(failed.RetryIn!.Value, $"An operation of {failed.Name} failed and is tried again a little later.")
            : null;
    }

    private static Move? Growth(ClusterView view)
    {
        // Nobody needs it any more, and no agent came: nothing runs there, so it goes before it is waited for.
        if (view.Nodes.FirstOrDefault(n => n.Index >= view.Members && !n.IsEnrolled) is { } unneeded)
            return new Move.RemoveNode(unneeded.Id);
        // All machines are asked for at once; what they boot does not disturb the set. Admission is one at a time.
        for (var index = 0; index < view.Members; index++)
        {
            if (view.Nodes.All(n => n.Index != index || !n.IsProvided))
                return new Move.AddNode(index);
        }
        if (view.Nodes.FirstOrDefault(n => n.IsAwaited) is { } awaited)
            return new Move.Wait(Minute, $"{Capital(awaited)} waits for a machine of the operator.");
        if (view.Nodes.FirstOrDefault(n => !n.IsEnrolled) is { } unknown)
            return new Move.Wait(Soon, $"The agent of {unknown.Name} is enrolling.");
        if (view.Nodes.FirstOrDefault(n => !n.IsMember && n.Index < view.Members) is not { } next)
            return null;
        if (!next.IsUp)
            return new Move.Wait(Minute, $"{Capital(next)} is starting.");
        var members = view.Nodes.Where(n => n.IsMember).ToList();
        // The first one initiates the set; the others are admitted by the primary while all who belong are well.
        if (members.Count == 0)
            return new Move.AddNode(next.Index);
        if (members.FirstOrDefault(n => !n.IsServing || !n.CaughtUp) is { } sick)
            return new Move.Wait(Minute, $"{Capital(next)} is admitted when {sick.Name} serves and has caught up.");
        return view.Primary is null
            ? new Move.Wait(Minute, $"{Capital(next)} is admitted when the set has a primary.")
            : new Move.AddNode(next.Index);
    }

    private static Move? Health(ClusterView view)
    {
        if (view.Nodes.FirstOrDefault(n => n.IsMember && !n.IsServing) is { } sick)
            return new Move.Wait(Minute, $"{Capital(sick)} is down or not serving by itself: nobody else is touched.");
        if (view.Primary is null)
            return new Move.Wait(Minute, "The set is electing a primary.");
        return view.Nodes.FirstOrDefault(n => n.IsMember && !n.CaughtUp) is { } behind
            ? new Move.Wait(Minute, $"{Capital(behind)} is catching up.")
            : null;
    }

    private static Move? Failover(ClusterView view)
    {
        if (view.Primary is not { } primary || primary.Id != view.PrimaryToRestart)
            return null;
        return ResyncGate.Closed(view, primary, wipes: false) is { } reason
            ? new Move.Wait(Minute, $"{Capital(primary)} steps down later: {reason}.")
            : new Move.StepDownPrimary(primary.Id);
    }

    private static Move? Change(ClusterView view)
    {
        var next = ResyncOrder.Of(view.Nodes.Where(n => !IsAsWanted(view, n))).FirstOrDefault();
        if (next is null)
            return null;
        // Both at once when both differ: the re-sync starts mongod with the new size.
        var wipes = next.Index < view.Members && next.Encryption != view.Encryption;
        if (ResyncGate.Closed(view, next, wipes) is { } reason)
            return new Move.Wait(Minute, $"{Capital(next)} waits for its turn: {reason}.");
        if (next.IsPrimary)
            return new Move.StepDownPrimary(next.Id);
        if (next.Index >= view.Members)
            return new Move.RemoveNode(next.Id);
        return wipes ? new Move.ResyncNode(next.Id, view.Encryption) : new Move.ResizeNode(next.Id);
    }

    private static Move OnlyWithItsKey(ClusterView view, Move move)
        => view.Key is KeyView.Unknown && move is not (Move.Wait or Move.Done)
            ? new Move.Wait(Minute, "There is no certain answer about the customer key: nothing that needs it is begun.")
            : move;

    private static bool IsAsWanted(ClusterView view, NodeView node)
        => node.Index < view.Members && node.Encryption == view.Encryption && node.InstanceSize == view.InstanceSize;

    private static string Capital(NodeView node) => $"Node {node.Index}";
}
