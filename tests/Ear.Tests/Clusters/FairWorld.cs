using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Tests.Clusters;

/// <summary>
/// A world that carries out the planner's moves one step at a time, with bad luck from a seed for a while and none afterwards:
/// crashed members, elections, lag, keys that come and go, failed operations. Fair: whatever is down comes back in the end.
/// </summary>
internal sealed class FairWorld(ClusterView view, int seed, int badLuckSteps)
{
    private readonly Random _luck = new(seed);
    private int _steps;

    public ClusterView View { get; private set; } = view;

    /// <returns>The move, after it was carried out.</returns>
    public Move Step()
    {
        // As the cluster's document notes it: another member leads, so the failover is done.
        if (View.Primary is { } primary && primary.Id != View.PrimaryToRestart)
            View = View with { PrimaryToRestart = null };
        var move = ClusterPlanner.Next(View);
        View = Apply(move);
        if (_steps++ < badLuckSteps)
            Misfortune();
        else
            Heal();
        return move;
    }

    private ClusterView Apply(Move move) => move switch
    {
        Move.StopProcesses => View.WithAll(n => n with { OrderedRunning = false, Busy = null }),
        Move.StartProcesses => View.WithAll(n => n with { OrderedRunning = true, InstanceSize = View.InstanceSize }),
        Move.ResyncNode m => View.With(Index(m.Node), n => n with { Role = MemberRole.Startup2, CaughtUp = false, Busy = $"re-sync to {m.Encryption}", }),
        Move.ResizeNode m => View.With(Index(m.Node), n => n with { Role = MemberRole.Down, CaughtUp = false, Process = ProcessView.Down, InstanceSize = View.InstanceSize }),
        Move.StepDownPrimary m => Elect(View.With(Index(m.Node), n => n with { Role = MemberRole.Secondary }), Index(m.Node)),
        Move.AddNode m when View.Nodes.All(n => n.Index != m.Index) => View with { Nodes = [.. View.Nodes, NewNode(m.Index)] },
        Move.AddNode m => View.With(m.Index, n => n.IsEnrolled
            ? n with { IsMember = true, Role = View.Nodes.Any(o => o.IsMember) ? MemberRole.Startup2 : MemberRole.Primary }
            : n with { IsProvided = true }),
        Move.RemoveNode m => View with { Nodes = View.Nodes.RemoveAll(n => n.Id == m.Node) },
        _ => View,
    };

    private NodeView NewNode(int index) => new(Views.Id(index), index, true, ProcessView.Down, MemberRole.Down, View.Encryption, View.InstanceSize, false)
    {
        IsMember = false,
        IsEnrolled = false,
        IsProvided = false,
    };

    private int Index(NodeId id) => View.Nodes.Single(n => n.Id == id).Index;

    private void Misfortune()
    {
        Heal(chance: 0.3);
        var victim = View.Nodes.IsEmpty ? -1 : View.Nodes[_luck.Next(View.Nodes.Length)].Index;
        View = _luck.Next(9) switch
        {
            0 => View.With(victim, Views.Down),
            1 => View.With(victim, n => Views.Down(n) with { Process = ProcessView.Unheard }),
            2 => View.With(victim, n => n.Busy is null ? n : n with { Busy = null, RetryIn = TimeSpan.FromSeconds(10) }),
            3 => View.Primary is { } p ? Elect(View.With(p.Index, n => n with { Role = MemberRole.Secondary }), p.Index) : View,
            4 when NeedsKey() => View with { Key = KeyView.Unknown },
            5 when NeedsKey() => View with { Key = KeyView.Invalid },
            6 when NeedsKey() => View with { Key = KeyView.Valid },
            7 => View with { Encryption = View.Encryption is null ? KeyProvider.Aws : null },
            8 => View.With(victim, n => n.IsPrimary ? n : n with { CaughtUp = false }),
            _ => View,
        };
        SettleKey();
    }

    private void Heal(double chance = 1)
    {
        foreach (var index in View.Nodes.Select(n => n.Index).ToList())
        {
            if (_luck.NextDouble() < chance)
                View = View.With(index, HealOne);
        }
        if (chance >= 1 && NeedsKey())
            View = View with { Key = KeyView.Valid };
        SettleKey();
        if (View.Primary is null)
            View = Elect(View, except: -1);
    }

    private NodeView HealOne(NodeView n)
    {
        if (!n.OrderedRunning)
            return Views.Stopped(n);
        if (!n.IsEnrolled)
            return n.IsProvided ? n with { IsEnrolled = true } : n;
        if (!n.IsUp)
            return View.Key is KeyView.Unknown && n.Encryption is not null
                ? n
                : n with { Process = ProcessView.Up, Role = n.IsMember ? MemberRole.Recovering : MemberRole.NoSet };
        if (n.Busy is not null)
            return n with { Busy = null, Encryption = n.Busy == "re-sync to Aws" ? KeyProvider.Aws : null, InstanceSize = View.InstanceSize, Role = MemberRole.Secondary, CaughtUp = true };
        return n with { RetryIn = null, Role = n.Role is MemberRole.Recovering or MemberRole.Startup2 ? MemberRole.Secondary : n.Role, CaughtUp = n.IsMember };
    }

    private bool NeedsKey() => View.Encryption is not null || View.Nodes.Any(n => n.Encryption is not null);

    private void SettleKey() => View = View with
    {
        Key = !NeedsKey() ? KeyView.NotNeeded : View.Key is KeyView.NotNeeded ? KeyView.Valid : View.Key,
    };

    private static ClusterView Elect(ClusterView view, int except)
    {
        var serving = view.Nodes.Where(n => n.IsServing && n.OrderedRunning).ToList();
        if (serving.Count < view.Majority || serving.Exists(n => n.IsPrimary))
            return view;
        var winner = serving.Find(n => n.CaughtUp && n.Index != except);
        return winner is null ? view : view.With(winner.Index, n => n with { Role = MemberRole.Primary });
    }
}
