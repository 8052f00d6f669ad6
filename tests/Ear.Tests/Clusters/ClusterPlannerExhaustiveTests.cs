using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Tests.Clusters;

/// <summary>Every view of a bounded space: three members in every combination of states, under every wish and verdict.</summary>
public sealed class ClusterPlannerExhaustiveTests
{
    private static readonly MemberRole[] Roles = [MemberRole.Primary, MemberRole.Secondary, MemberRole.Recovering];
    private static readonly KeyProvider?[] Encryptions = [null, KeyProvider.Aws];
    private static readonly string[] Sizes = ["M10", "M20"];
    private static readonly bool[] Both = [true, false];

    [Fact]
    public void No_view_makes_the_planner_break_an_invariant()
    {
        var looked = 0;
        var moves = new HashSet<Type>();
        foreach (var view in All())
        {
            var move = ClusterPlanner.Next(view);
            looked++;
            moves.Add(move.GetType());
            if (PlannerInvariants.Broken(view, move) is { } broken)
                Assert.Fail($"{broken}\n{view}\n{string.Join('\n', view.Nodes)}");
        }
        Assert.True(looked > 400_000, $"The space has shrunk to {looked} views.");
        Assert.Equal(
            [nameof(Move.Done), nameof(Move.RemoveNode), nameof(Move.ResizeNode), nameof(Move.ResyncNode), nameof(Move.StartProcesses), nameof(Move.StepDownPrimary), nameof(Move.StopProcesses), nameof(Move.Wait)],
            moves.Select(m => m.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_member_that_is_as_wanted_is_never_touched()
    {
        foreach (var view in All().Where(v => !v.Deleting))
        {
            var touched = ClusterPlanner.Next(view) switch
            {
                Move.ResyncNode m => m.Node,
                Move.ResizeNode m => m.Node,
                Move.StepDownPrimary m => m.Node,
                _ => (NodeId?)null,
            };
            if (touched is { } id && view.Nodes.Single(n => n.Id == id) is var node)
                Assert.True(node.Encryption != view.Encryption || node.InstanceSize != view.InstanceSize, $"{view} touches {node}");
        }
    }

    [Fact]
    public void Done_means_everything_is_as_wanted()
    {
        foreach (var view in All().Where(v => ClusterPlanner.Next(v) is Move.Done))
            Assert.All(view.Nodes, n => Assert.True(n.IsServing && n.CaughtUp && n.OrderedRunning && n.Encryption == view.Encryption && n.InstanceSize == view.InstanceSize));
    }

    private static IEnumerable<ClusterView> All()
    {
        var members = Enumerable.Range(0, 3).Select(i => Members(i).ToArray()).ToArray();
        foreach (var n0 in members[0])
            foreach (var n1 in members[1])
                foreach (var n2 in members[2])
                {
                    if ((n0.IsPrimary ? 1 : 0) + (n1.IsPrimary ? 1 : 0) + (n2.IsPrimary ? 1 : 0) > 1)
                        continue;
                    foreach (var encryption in Encryptions)
                        foreach (var key in Keys(encryption, [n0, n1, n2]))
                            foreach (var deleting in Both)
                                yield return new ClusterView(encryption, "M10", 3, deleting, key, [n0, n1, n2]);
                }
    }

    private static KeyView[] Keys(KeyProvider? wanted, NodeView[] nodes)
        => wanted is null && nodes.All(n => n.Encryption is null) ? [KeyView.NotNeeded] : [KeyView.Valid, KeyView.Unknown, KeyView.Invalid];

    private static IEnumerable<NodeView> Members(int index)
    {
        foreach (var encryption in Encryptions)
            foreach (var size in Sizes)
            {
                foreach (var role in Roles)
                    foreach (var caughtUp in role is MemberRole.Primary ? [true] : Both)
                    {
                        var up = Views.Node(index, role, encryption, size) with { CaughtUp = caughtUp };
                        yield return up;
                        if (caughtUp)
                            yield return up with { OrderedRunning = false };
                    }
                var node = Views.Node(index, MemberRole.Secondary, encryption, size);
                yield return Views.Down(node);
                yield return Views.Down(node) with { Process = ProcessView.Unheard };
                yield return Views.Stopped(node);
            }
    }
}
