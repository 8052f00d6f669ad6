using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.Host;

public sealed class TimerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, string?> Settings = new() { ["SweepSchedule"] = "0 */15 * * * *" };

    private static Task<HostUnderTest> StartAsync(string? folder = null, FakeTimeProvider? time = null) =>
        HostUnderTest.StartAsync([typeof(TimerFunctions)], folder, time, settings: Settings);

    [Fact]
    public async Task A_timer_runs_at_each_occurrence_of_its_schedule_and_not_between()
    {
        await using var host = await StartAsync();

        await host.PassAsync(TimeSpan.FromMinutes(14));
        Assert.Empty(host.Seen.Notes);
        await host.PassAsync(TimeSpan.FromMinutes(2), () => host.Seen.Count("swept") == 1);
        await host.PassAsync(TimeSpan.FromMinutes(15), () => host.Seen.Count("swept") == 2);

        Assert.All(host.Seen.Notes.Where(n => n != "swept"), n => Assert.StartsWith("12:", n, StringComparison.Ordinal));
        Assert.Contains(host.Seen.Notes, n => n.EndsWith("next 12:45", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_occurrence_missed_while_the_host_was_down_runs_once_at_the_start_and_is_past_due()
    {
        var folder = HostUnderTest.NewFolder();
        await using (await StartAsync(folder, new FakeTimeProvider(Noon)))
        {
        }

        await using (var again = await StartAsync(folder, new FakeTimeProvider(Noon.AddHours(3).AddMinutes(7))))
        {
            await Eventually.HoldsAsync(() => again.Seen.Count("swept") == 1);
            Assert.Equal(["swept", "15:07 late next 15:15"], again.Seen.Notes);
        }

        await using (var third = await StartAsync(folder, new FakeTimeProvider(Noon.AddHours(3).AddMinutes(8))))
        {
            await third.PassAsync(TimeSpan.FromMinutes(5));
            Assert.Empty(third.Seen.Notes);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_administrator_runs_a_timer_now()
    {
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.Accepted, (await host.RunNowAsync("sweep")).StatusCode);

        await Eventually.HoldsAsync(() => host.Seen.Notes.Contains("12:00 on time next 12:15"));
    }

    [Fact]
    public async Task A_timer_never_runs_beside_itself()
    {
        await using var host = await HostUnderTest.StartAsync([typeof(SlowTimer)]);
        await host.RunNowAsync("SlowSweep");
        await Eventually.HoldsAsync(() => host.Seen.Count("alone") == 1);

        await host.RunNowAsync("SlowSweep");
        await host.RunNowAsync("SlowSweep");
        host.Seen.Gate.SetResult();

        await Eventually.HoldsAsync(() => host.Seen.Count("finished") == 2);
        Assert.Equal(2, host.Seen.Count("alone"));
        Assert.Equal(0, host.Seen.Count("together"));
    }

    [Fact]
    public async Task A_timer_that_a_stop_interrupts_runs_again_at_the_next_start()
    {
        var folder = HostUnderTest.NewFolder();
        var newYear = new FakeTimeProvider(new DateTimeOffset(2026, 12, 31, 23, 59, 50, TimeSpan.Zero));
        await using (var host = await HostUnderTest.StartAsync([typeof(SlowTimer)], folder, newYear))
            await host.PassAsync(TimeSpan.FromSeconds(20), () => host.Seen.Count("alone") == 1);

        await using (var again = await HostUnderTest.StartAsync([typeof(SlowTimer)], folder, newYear))
        {
            again.Seen.Gate.SetResult();
            await Eventually.HoldsAsync(() => again.Seen.Notes.Any(n => n.StartsWith("finished", StringComparison.Ordinal)));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_timer_that_fails_runs_again_at_its_next_occurrence_and_not_before()
    {
        await using var host = await HostUnderTest.StartAsync([typeof(FailingTimer)]);

        await host.PassAsync(TimeSpan.FromMinutes(15.5), () => host.Seen.Count("tried") == 1);
        await host.PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(1, host.Seen.Count("tried"));
        await host.PassAsync(TimeSpan.FromMinutes(6), () => host.Seen.Count("tried") == 2);
    }
}
