using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Tests.Clusters;

/// <summary>
/// Each gate of spec dataplane §1.5 by itself. The planner waits for most of these situations before it comes to the gate, so only here is it
/// seen that the gate holds alone.
/// </summary>
public sealed class ResyncGateTests
{
    private const int Touched = 1;

    public static TheoryData<string, Func<ClusterView, ClusterView>, string> ShutGates => new()
    {
        { "another member is down", v => v.With(2, Views.Down), "only one member may be out" },
        { "another member's agent is not heard", v => v.With(2, n => n with { Process = ProcessView.Unheard }), "only one member may be out" },
        { "another member is in its initial sync", v => v.With(2, n => n with { Role = MemberRole.Startup2 }), "only one member may be out" },
        { "another member recovers", v => v.With(2, n => n with { Role = MemberRole.Recovering }), "only one member may be out" },
        { "another member rolls back", v => v.With(2, n => n with { Role = MemberRole.Rollback }), "only one member may be out" },
        { "the others are no majority", v => v.WithOnly(2), "of the 2 votes" },
        { "there is no primary", v => v.With(0, n => n with { Role = MemberRole.Secondary }), "no primary" },
        { "another member lags", v => v.With(2, n => n with { CaughtUp = false }), "has not caught up" },
        { "another member is busy", v => v.With(2, n => n with { Busy = "taking a snapshot" }), "is busy" },
        { "there is no room for a second copy", v => v.With(Touched, n => n with { HasDiskRoom = false }), "no room" },
        { "nothing certain is known about the key", v => v with { Key = KeyView.Unknown }, "no certain answer" },
        { "the key is invalid", v => v with { Key = KeyView.Invalid }, "no certain answer" },
    };

    [Fact]
    public void A_healthy_set_lets_one_member_be_taken_out()
        => Assert.Null(Closed(Views.Settled(KeyProvider.Aws), wipes: true));

    [Theory]
    [MemberData(nameof(ShutGates))]
    public void Nobody_is_touched_while(string situation, Func<ClusterView, ClusterView> change, string reason)
        => Assert.Contains(reason, Closed(change(Views.Settled(KeyProvider.Aws)), wipes: true) ?? $"open although {situation}", StringComparison.Ordinal);

    [Fact]
    public void A_restart_needs_no_room_for_a_second_copy()
        => Assert.Null(Closed(Views.Settled(KeyProvider.Aws).With(Touched, n => n with { HasDiskRoom = false }), wipes: false));

    private static string? Closed(ClusterView view, bool wipes) => ResyncGate.Closed(view, view.Nodes[Touched], wipes);
}
