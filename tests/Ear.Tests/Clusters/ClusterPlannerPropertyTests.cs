using CsCheck;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Tests.Clusters;

public sealed class ClusterPlannerPropertyTests
{
    private const int Patience = 120;

    private static readonly Gen<NodeView> AnyNode = Gen.Select(
        Gen.OneOf(MemberRole.Primary, MemberRole.Secondary, MemberRole.Recovering, MemberRole.Startup2, MemberRole.Down),
        Gen.OneOf<KeyProvider?>(null, KeyProvider.Aws), Gen.OneOf("M10", "M20"), Gen.Bool, Gen.Bool, Gen.Int[0, 3],
        (role, encryption, size, ordered, caughtUp, state) => Views.Node(0, role, encryption, size) with
        {
            OrderedRunning = ordered,
            Process = role is MemberRole.Down ? ProcessView.Down : ProcessView.Up,
            CaughtUp = role is MemberRole.Primary || caughtUp,
            Busy = state is 1 && ordered && role is MemberRole.Startup2 ? "re-sync to Aws" : null,
            RetryIn = state is 2 ? TimeSpan.FromSeconds(5) : null,
        });

    private static readonly Gen<ClusterView> AnyView = Gen.Select(
        AnyNode.Array[0, 6], Gen.OneOf<KeyProvider?>(null, KeyProvider.Aws), Gen.OneOf("M10", "M20"), Gen.Enum<KeyView>(), Gen.Int[0, 9],
        (nodes, encryption, size, key, luck) => Coherent(new ClusterView(encryption, size, luck % 2 is 0 ? 3 : 5, Deleting: luck is 0, key, [.. nodes]) { Paused = luck is 1, PrimaryToRestart = luck is 2 && nodes.Length > 0 ? Views.Id(0) : null }));

    [Fact]
    public void A_fair_world_always_ends_as_wanted()
        => Gen.Select(AnyView, Gen.Int, Gen.Int[0, 60]).Sample((view, seed, badLuck) =>
        {
            var world = new FairWorld(view, seed, badLuck);
            for (var step = 0; step < badLuck + Patience; step++)
            {
                if (world.Step() is Move.Done && step > badLuck)
                    return IsAsWanted(world.View);
            }
            return false;
        }, iter: 3_000);

    [Fact]
    public void No_path_through_a_world_breaks_an_invariant()
        => Gen.Select(AnyView, Gen.Int).Sample((view, seed) =>
        {
            var world = new FairWorld(view, seed, badLuckSteps: Patience);
            for (var step = 0; step < Patience; step++)
            {
                var before = world.View;
                if (PlannerInvariants.Broken(before, world.Step()) is { } broken)
                    throw new InvalidOperationException($"{broken}\n{before}\n{string.Join('\n', before.Nodes)}");
            }
        }, iter: 1_500);

    private static bool IsAsWanted(ClusterView view)
        => view.Deleting
            ? view.Nodes.IsEmpty
            : view.Paused ? view.Nodes.All(n => !n.OrderedRunning && !n.IsUp)
            : view.Nodes.Length == view.Members && view.Primary?.Id != view.PrimaryToRestart && view.Nodes.All(n => n.IsServing && n.Encryption == view.Encryption && n.InstanceSize == view.InstanceSize);

    // Indexes and ids follow the position, at most one primary, and a key view that fits what is encrypted.
    private static ClusterView Coherent(ClusterView view)
    {
        var nodes = view.Nodes.Select((n, i) => n with { Id = Views.Id(i), Index = i }).ToList();
        var primary = nodes.Find(n => n.IsPrimary);
        var settled = view with { Nodes = [.. nodes.Select(n => n.IsPrimary && n != primary ? n with { Role = MemberRole.Secondary } : n)] };
        var needsKey = settled.Encryption is not null || settled.Nodes.Any(n => n.Encryption is not null);
        return settled with { Key = !needsKey ? KeyView.NotNeeded : settled.Key is KeyView.NotNeeded ? KeyView.Valid : settled.Key };
    }
}
