using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;

namespace Ear.Tests.CustomerKeys.Validation;

public sealed class KeyStandingsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly WrappedKey Canary = new(KeyProvider.Aws, "key", "", "digest", [1]);
    private static readonly KeyStanding Healthy = new(true, new KeyVerdict.Valid(), Noon.AddDays(-1), Canary, Noon.AddDays(-9)) { ChangedAt = Noon.AddDays(-1) };
    private static readonly KeyVerdict Disabled = new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled");
    private static readonly KeyVerdict Denied = new KeyVerdict.Invalid(InvalidReason.PermissionDenied, "denied");
    private static readonly KeyVerdict Valid = new KeyVerdict.Valid();

    [Theory]
    [InlineData(UnknownReason.NetworkUnreachable)]
    [InlineData(UnknownReason.NetworkAccessDenied)]
    [InlineData(UnknownReason.Throttled)]
    [InlineData(UnknownReason.ProviderFault)]
    [InlineData(UnknownReason.OurFault)]
    public void A_key_that_gives_no_answer_stops_nothing_however_often(UnknownReason reason)
    {
        var standing = Healthy;
        for (var check = 0; check < 100; check++)
        {
            standing = Scheduled(standing, new KeyVerdict.Unknown(reason, ""), Noon.AddMinutes(15 * check));
            Assert.True(standing.Valid);
            Assert.False(standing.IsDueForShutDown(Noon.AddMinutes(15 * check)));
        }
    }

    [Theory]
    [InlineData(UnknownReason.NetworkUnreachable, 1)]
    [InlineData(UnknownReason.NetworkAccessDenied, 1)]
    [InlineData(UnknownReason.Throttled, 3)]
    [InlineData(UnknownReason.ProviderFault, 3)]
    [InlineData(UnknownReason.OurFault, null)]
    public void The_network_alert_opens_after_as_many_checks_as_its_reason_needs(UnknownReason reason, int? checks)
    {
        var standing = Healthy;
        int? opened = null;
        for (var check = 1; check <= 5 && opened is null; check++)
        {
            standing = Scheduled(standing, new KeyVerdict.Unknown(reason, ""), Noon.AddMinutes(check));
            opened = standing.NetworkAccessDenied ? check : null;
        }
        Assert.Equal(checks, opened);
    }

    [Fact]
    public void Only_checks_in_a_row_add_up()
    {
        var throttled = new KeyVerdict.Unknown(UnknownReason.Throttled, "");
        var standing = Scheduled(Scheduled(Scheduled(Healthy, throttled, Noon), throttled, Noon), Valid, Noon);
        Assert.False(Scheduled(Scheduled(standing, throttled, Noon), throttled, Noon).NetworkAccessDenied);
    }

    [Fact]
    public void Any_certain_answer_closes_the_network_alert()
    {
        var denied = Scheduled(Healthy, new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, ""), Noon);
        Assert.Contains(KeyNews.NetworkAccessDenied, News(Healthy, denied));
        Assert.Equal([KeyNews.NetworkAccessRestored], News(denied, Scheduled(denied, Valid, Noon)));
        Assert.Equal([KeyNews.NetworkAccessRestored], News(denied, Scheduled(denied, Denied, Noon)));
    }

    [Fact]
    public void An_unambiguous_scheduled_no_is_due_at_once_and_still_stands_as_valid_until_it_is_ordered()
    {
        var standing = Scheduled(Healthy, Disabled, Noon);
        Assert.True(standing.Valid);
        Assert.True(standing.IsDueForShutDown(Noon));
        Assert.Empty(News(Healthy, standing));
        Assert.Equal(["AWS_ENCRYPTION_KEY_INVALID", KeyNews.ValidationFailed, KeyNews.ConfigNoLongerValid], News(standing, standing.ShutDown(Noon)));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void An_ambiguous_no_needs_a_second_one_sixty_seconds_later(int seconds, bool due)
    {
        var first = Scheduled(Healthy, Denied, Noon);
        Assert.False(first.IsDueForShutDown(Noon));
        Assert.True(first.IsSuspect(Noon));
        var second = Scheduled(first, Denied, Noon.AddSeconds(seconds));
        Assert.Equal(due, second.IsDueForShutDown(Noon.AddSeconds(seconds)));
    }

    [Fact]
    public void A_yes_in_between_begins_the_suspicion_anew()
    {
        var cleared = Scheduled(Scheduled(Healthy, Denied, Noon), Valid, Noon.AddSeconds(30));
        Assert.False(Scheduled(cleared, Denied, Noon.AddSeconds(61)).IsDueForShutDown(Noon.AddSeconds(61)));
    }

    [Fact]
    public void No_answer_in_between_neither_confirms_nor_clears_a_suspicion()
    {
        var unknown = Scheduled(Scheduled(Healthy, Denied, Noon), new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, ""), Noon.AddSeconds(60));
        Assert.False(unknown.IsDueForShutDown(Noon.AddSeconds(60)));
        Assert.True(Scheduled(unknown, Denied, Noon.AddSeconds(90)).IsDueForShutDown(Noon.AddSeconds(90)));
    }

    [Fact]
    public void A_check_on_demand_shows_invalid_and_orders_nothing_until_the_sweep_agrees()
    {
        var failing = Healthy.After(Check(Disabled), CheckTrigger.OnDemand, Noon);
        Assert.False(failing.Valid);
        Assert.Null(failing.ShutDownSince);
        Assert.Equal(["AWS_ENCRYPTION_KEY_INVALID", KeyNews.ValidationFailed], News(Healthy, failing));

        var swept = Scheduled(failing, Disabled, Noon.AddMinutes(5));
        Assert.True(swept.IsDueForShutDown(Noon.AddMinutes(5)));
        Assert.Equal([KeyNews.ConfigNoLongerValid], News(swept, swept.ShutDown(Noon.AddMinutes(5))));
    }

    [Fact]
    public void A_shut_down_ends_only_with_a_certain_yes()
    {
        var down = Scheduled(Healthy, Disabled, Noon).ShutDown(Noon);
        foreach (var verdict in new[] { Disabled, Denied, new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, ""), new KeyVerdict.Unknown(UnknownReason.OurFault, "") })
            Assert.Equal(Noon, Scheduled(down, verdict, Noon.AddMinutes(15)).ShutDownSince);

        var back = down.After(Check(Valid), CheckTrigger.OnDemand, Noon.AddMinutes(20));
        Assert.True(back is { Valid: true, ShutDownSince: null });
        Assert.Equal([KeyNews.ConfigIsValid, "AWS_ENCRYPTION_KEY_VALID", KeyNews.ValidationSucceeded], News(down, back));
    }

    [Fact]
    public void The_same_change_told_twice_is_the_same_event()
    {
        var due = Scheduled(Healthy, Disabled, Noon);
        var once = KeyNews.Of(Project, KeyProvider.Aws, due, due.ShutDown(Noon), ["orders"]);
        var twice = KeyNews.Of(Project, KeyProvider.Aws, due, due.ShutDown(Noon), ["orders"]);
        Assert.Equal(once.Select(e => e.Id), twice.Select(e => e.Id));
        Assert.Distinct(once.Select(e => e.Id));
        Assert.Contains(once, e => e.Id == KeyNews.ShutDownEvent(Project, KeyProvider.Aws, Noon));
    }

    private static ProjectId Project { get; } = ProjectId.FromValid("aaaaaaaaaaaaaaaaaaaaaaaa");

    private static KeyStanding Scheduled(KeyStanding standing, KeyVerdict verdict, DateTimeOffset at) => standing.After(Check(verdict), CheckTrigger.Scheduled, at);

    private static KeyCheck Check(KeyVerdict verdict) => new(verdict, KeyFacts.None);

    private static IEnumerable<string> News(KeyStanding before, KeyStanding after) => KeyNews.Of(Project, KeyProvider.Aws, before, after, []).Select(e => e.Type);
}
