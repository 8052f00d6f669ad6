using Ear.Clusters;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Tests.Clusters;

public sealed class ClusterPausesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ClusterSpec Running = new(null, "M10", 3) { Described = new() { ["paused"] = false, ["tags"] = "blue" } };
    private static readonly ClusterSpec Stopped = Running with { Described = new() { ["paused"] = true, ["tags"] = "blue" } };
    private static readonly ClusterSpec Changed = Running with { Described = new() { ["paused"] = false, ["tags"] = "red" } };
    private static readonly ClusterSpec ChangedAndStopped = Running with { Described = new() { ["paused"] = true, ["tags"] = "red" } };

    private static readonly Cluster AtRest = new(ClusterId.FromValid(new string('1', 24)), ProjectId.FromValid(new string('a', 24)), ClusterName.Parse("orders", null), Now, Running)
    {
        AchievedGeneration = 1,
        State = ClusterState.Idle,
    };

    private static readonly Cluster Paused = AtRest with { Spec = Stopped, PausedSince = Now };

    [Fact]
    public void A_cluster_at_rest_is_paused_and_one_that_is_paused_is_resumed()
    {
        Assert.Equal(Now, ClusterPauses.With(AtRest, Stopped, Now).Value.PausedSince);
        var resumed = ClusterPauses.With(Paused, Running, Now).Value;
        Assert.Equal((null, Now), (resumed.PausedSince, resumed.ResumedAt));
    }

    [Fact]
    public void Changing_and_pausing_do_not_mix()
    {
        Assert.IsType<Problem.CannotUpdateAndPauseCluster>(ClusterPauses.With(AtRest, ChangedAndStopped, Now).Problem);
        Assert.IsType<Problem.CannotUpdatePausedCluster>(ClusterPauses.With(Paused, ChangedAndStopped, Now).Problem);
        Assert.IsType<Problem.CannotUpdatePausedCluster>(ClusterPauses.With(Paused, Changed, Now).Problem);
        Assert.IsType<Problem.ClusterAlreadyPaused>(ClusterPauses.With(Paused, Stopped, Now).Problem);
        Assert.Same(AtRest, ClusterPauses.With(AtRest, Changed, Now).Value);
    }

    [Fact]
    public void What_has_work_left_or_its_data_on_the_machine_or_was_just_resumed_is_not_paused()
    {
        Assert.IsType<Problem.CannotPauseWithPendingChanges>(ClusterPauses.With(AtRest with { Generation = 2 }, Stopped, Now).Problem);
        Assert.IsType<Problem.CannotPauseWithPendingChanges>(ClusterPauses.With(AtRest with { DisabledSince = Now }, Stopped, Now).Problem);
        var nvme = AtRest with { Spec = Running with { InstanceSize = "M40_NVME" } };
        Assert.IsType<Problem.CannotPauseNvmeCluster>(ClusterPauses.With(nvme, Stopped with { InstanceSize = "M40_NVME" }, Now).Problem);
        var resumed = AtRest with { ResumedAt = Now };
        Assert.IsType<Problem.CannotPauseRecentlyResumed>(ClusterPauses.With(resumed, Stopped, Now + TimeSpan.FromMinutes(59)).Problem);
        Assert.Null(ClusterPauses.With(resumed, Stopped, Now + TimeSpan.FromMinutes(60)).Problem);
    }

    [Fact]
    public void A_pause_ends_by_itself_after_thirty_days_as_a_newer_wish()
    {
        Assert.Null(ClusterPauses.Ended(Paused, Now + TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1)));
        Assert.Null(ClusterPauses.Ended(AtRest, Now + TimeSpan.FromDays(300)));
        Assert.Null(ClusterPauses.Ended(Paused with { DeletionRequested = true }, Now + TimeSpan.FromDays(30)));
        var ended = ClusterPauses.Ended(Paused, Now + TimeSpan.FromDays(30))!;
        Assert.Equal((false, 2, null), (ended.Spec.IsPaused, ended.Generation, ended.PausedSince));
    }
}
