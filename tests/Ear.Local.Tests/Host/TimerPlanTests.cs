using Ear.Local.Host.Timers;

namespace Ear.Local.Tests.Host;

/// <summary>The decision alone, over every way in which the clock can surprise it. The schedule is each quarter of an hour.</summary>
public sealed class TimerPlanTests
{
    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-03-01T{time}Z");

    private static TimerMove Next(string last, string now, double? secondsSinceRun = null, string expression = "0 */15 * * * *")
    {
        Assert.True(TimerSchedule.TryParse(expression, out var schedule));
        return TimerPlan.Next(schedule, At(last), secondsSinceRun is { } s ? TimeSpan.FromSeconds(s) : null, At(now));
    }

    [Fact]
    public void Before_the_next_occurrence_it_waits() =>
        Assert.Equal(new TimerMove.Wait(At("12:00:00"), At("12:15:00")), Next("12:00:00", "12:14:59", 899));

    [Fact]
    public void At_the_occurrence_it_runs_on_time() =>
        Assert.Equal(new TimerMove.Run(At("12:00:00"), At("12:15:00"), false), Next("12:00:00", "12:15:00", 900));

    [Fact]
    public void Many_missed_occurrences_are_one_late_run() =>
        Assert.Equal(new TimerMove.Run(At("12:00:00"), At("14:30:00"), true), Next("12:00:00", "14:37:00"));

    [Fact]
    public void A_clock_that_leaps_ahead_skips_nothing() =>
        Assert.Equal(new TimerMove.Run(At("12:00:00"), At("13:00:00"), true), Next("12:00:00", "13:07:00", 60));

    [Fact]
    public void A_late_run_just_before_an_occurrence_stands_for_it_too() =>
        Assert.Equal(new TimerMove.Wait(At("13:15:00"), At("13:30:00")), Next("13:00:00", "13:15:00", 10));

    [Fact]
    public void A_clock_corrected_by_a_moment_does_not_repeat_the_occurrence_that_just_ran() =>
        Assert.Equal(new TimerMove.Wait(At("12:00:00"), At("12:15:00")), Next("12:00:00", "11:59:59.5", 0.3));

    [Fact]
    public void A_clock_set_back_by_hours_does_not_silence_the_timer_for_hours() =>
        Assert.Equal(new TimerMove.Wait(At("09:01:00"), At("09:15:00")), Next("12:00:00", "09:01:00", 60));

    [Fact]
    public void A_clock_found_set_back_at_the_start_means_nobody_knows_so_it_runs() =>
        Assert.Equal(new TimerMove.Run(At("12:00:00"), At("09:00:00"), true), Next("12:00:00", "09:01:00"));

    [Fact]
    public void A_schedule_of_seconds_is_not_mistaken_for_a_repeat()
    {
        Assert.Equal(new TimerMove.Run(At("12:00:00"), At("12:00:01"), false), Next("12:00:00", "12:00:01", 1, "* * * * * *"));
        Assert.Equal(new TimerMove.Run(At("12:00:00"), At("12:00:01"), false), Next("12:00:00", "12:00:01", 1, "0,1 * * * * *"));
    }

    [Fact]
    public void A_schedule_without_a_next_occurrence_waits_for_ever() =>
        Assert.Equal(new TimerMove.Wait(At("12:00:00"), null), Next("12:00:00", "12:00:01", expression: "0 0 0 31 2 *"));

    [Theory]
    [InlineData("12:15:00", "12:15:00")]
    [InlineData("12:15:00.1", "12:15:00")]
    [InlineData("12:14:59.9", "12:00:00")]
    public void The_last_occurrence_is_found_to_the_tick(string time, string expected)
    {
        Assert.True(TimerSchedule.TryParse("0 */15 * * * *", out var schedule));
        Assert.Equal(At(expected), schedule.AtOrBefore(At(time)));
    }
}
