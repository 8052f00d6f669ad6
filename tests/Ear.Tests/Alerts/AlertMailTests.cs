using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;
using Ear.Tests.CustomerKeys.Validation;
using Ear.Tests.Fakes;
using Ear.Tests.Scenarios;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Alerts;

/// <summary>Configurations, the alerts that follow them, and the mails that follow those.</summary>
public sealed class AlertMailTests : IMail, ILogger<AlertMail>
{
    private const string Broken = "broken@example.com";
    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore _store = new();
    private readonly List<Mail> _sent = [];
    private readonly KeyAlerts _alerts;
    private readonly AlertConfigs _configs;
    private readonly AlertMail _mail;
    private readonly AlertRound _round;
    private readonly List<string> _errors = [];
    private readonly HashSet<string> _refusedForNow = [];
    private readonly HashSet<string> _refusedForGood = [];
    private int _tries;
    private bool _serverIsDown;

    public AlertMailTests()
    {
        _alerts = new(_store, _store, _time);
        _configs = new(_store, new WebhookAddresses(_store, new CountingIds()), _alerts, new EventFactory(new CountingIds(), _time));
        _mail = new(new AlertTellings(_store, _store, _store, new CountingIds(), _time), this, this);
        _round = new(_store, _mail, new CountingIds(), NullLogger<AlertRound>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_that_opens_is_mailed_once_however_often_its_event_is_delivered_and_then_reminded_of()
    {
        var project = await UnreachableAsync();
        var told = CausedEvents.Of(project.Id, KeyNews.NetworkAccessDenied, "x", _time.GetUtcNow(), (KeyNews.ProviderDetail, "AWS"));
        await _mail.TellAsync(told, Cancellation);
        await _mail.TellAsync(told, Cancellation);
        Assert.Equal(["owner@example.com"], Assert.Single(_sent).To);

        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.Single(_sent);
        await PassAsync(TimeSpan.FromMinutes(1));
        await PassAsync(TimeSpan.Zero);
        Assert.Equal(2, _sent.Count);
        Assert.Distinct(_sent.Select(m => m.Id));
    }

    [Fact]
    public async Task Dying_between_mail_and_mark_sends_the_same_message_id_again()
    {
        await UnreachableAsync();
        _store.Fault = point =>
        {
            if (point is SavePoint.BeforeCommit)
                throw new IOException("We died.");
        };
        await PassAsync(TimeSpan.Zero);
        _store.Fault = null;
        await PassAsync(TimeSpan.Zero);
        await PassAsync(TimeSpan.Zero);

        Assert.Equal(2, _sent.Count);
        Assert.Single(_sent.Select(m => m.Id).Distinct());
    }

    [Fact]
    public async Task A_mail_server_that_is_away_is_tried_again_in_the_next_round()
    {
        await UnreachableAsync();
        _serverIsDown = true;
        await PassAsync(TimeSpan.Zero);
        _serverIsDown = false;
        await PassAsync(TimeSpan.Zero);
        Assert.Single(_sent);
    }

    [Fact]
    public async Task A_mail_server_that_is_away_ends_the_round_at_once_and_makes_nobody_wait_longer()
    {
        foreach (var id in (string[])["a", "b", "c"])
            await UnreachableAsync(await ProjectAsync(id));
        _serverIsDown = true;
        await PassAsync(TimeSpan.Zero);
        Assert.Equal(1, _tries);
        _serverIsDown = false;
        await PassAsync(TimeSpan.Zero);
        Assert.Equal(3, _sent.Count);
    }

    [Fact]
    public async Task An_address_that_is_refused_keeps_nobody_else_of_the_alert_from_being_mailed()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To("bad@example.com"), new("", Addressee.Group, 0));
        await UnreachableAsync(project);
        _refusedForNow.Add("bad@example.com");

        var fault = await Assert.ThrowsAsync<IOException>(() => _mail.TellAsync(Told(project), Cancellation));
        Assert.Contains("1 of 2 mails", fault.Message);
        Assert.Equal(["owner@example.com"], Assert.Single(_sent).To);
    }

    [Fact]
    public async Task An_address_that_is_refused_for_now_is_tried_again_with_waits_that_double_up_to_an_hour()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To("bad@example.com"));
        await UnreachableAsync(project);
        _refusedForNow.Add("bad@example.com");
        var tries = new List<int>();
        for (var minute = 0; minute < 300; minute++)
        {
            var before = _tries;
            await PassAsync(minute == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(1));
            if (_tries > before)
                tries.Add(minute);
        }
        // A quarter of each wait is left out by these ids, and the round comes each minute.
        Assert.Equal([0, 1, 3, 6, 12, 24, 48, 93, 138, 183, 228, 273], tries);

        _refusedForNow.Clear();
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(["bad@example.com"], Assert.Single(_sent).To);
        Assert.True((await OpenAsync()).Single().Failed is { IsEmpty: true });
    }

    [Fact]
    public async Task An_address_that_is_refused_for_good_counts_as_told_until_its_reminder_and_is_logged_as_an_error()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To("bad@example.com", interval: 60));
        await UnreachableAsync(project);
        _refusedForGood.Add("bad@example.com");
        Assert.Equal(0, await _mail.TellAsync(Told(project), Cancellation));
        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(1, _tries);
        var error = Assert.Single(_errors);
        Assert.Contains(project.Id.Value, error);
        Assert.DoesNotContain("@", error);

        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, _tries);
    }

    [Fact]
    public async Task Projects_whose_addresses_are_all_refused_starve_nobody_behind_them()
    {
        _refusedForNow.Add("bad@example.com");
        for (var i = 0; i < 30; i++)
            await UnreachableAsync(await ProjectAsync($"a{i:x2}", "bad@example.com"));
        await UnreachableAsync(await ProjectAsync("f"));

        await PassAsync(TimeSpan.Zero);
        Assert.Equal((20, 0), (_tries, _sent.Count));
        await PassAsync(TimeSpan.Zero);
        Assert.Equal((31, 1), (_tries, _sent.Count));
    }

    [Fact]
    public async Task A_fault_of_Ears_own_at_one_alert_costs_no_other_its_turn()
    {
        await UnreachableAsync(await ProjectAsync("a", Broken));
        await UnreachableAsync(await ProjectAsync("b"));

        await PassAsync(TimeSpan.Zero);
        Assert.Equal(["owner@example.com"], Assert.Single(_sent).To);
    }

    [Fact]
    public async Task An_acknowledged_alert_reminds_nobody_until_that_ends()
    {
        var project = await UnreachableAsync();
        await PassAsync(TimeSpan.Zero);
        var alert = Assert.Single(await OpenAsync());
        var until = _time.GetUtcNow() + TimeSpan.FromHours(3);
        await new AlertAcknowledgement(_store, new EventFactory(new CountingIds(), _time)).ApplyAsync(project.Id, alert.Id, until, "on it", "owner", Cancellation);

        await PassAsync(TimeSpan.FromHours(2));
        Assert.Single(_sent);
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public async Task A_delayed_notification_waits_and_each_configuration_tells_its_own()
    {
        var project = await ProjectAsync();
        var delayed = new AlertNotification("", Addressee.Email, DelayMin: 30) { EmailAddress = "ops@example.com" };
        await _configs.CreateAsync(project, AlertConfigId.FromValid(new string('1', 24)), new(KeyNews.NetworkAccessDenied, true, [delayed], null, AlertSeverity.Critical), "owner", Cancellation);
        await UnreachableAsync(project);

        await PassAsync(TimeSpan.Zero);
        Assert.Equal(["owner@example.com"], Assert.Single(_sent).To);
        await PassAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(["ops@example.com"], _sent[1].To);
        Assert.Contains("CRITICAL", _sent[1].Subject);
        await PassAsync(TimeSpan.FromMinutes(29));
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public async Task Without_an_enabled_configuration_no_alert_opens_and_disabling_cancels_the_open_one()
    {
        var project = await UnreachableAsync();
        var config = Assert.Single(await OpenAsync()).ConfigId!.Value;
        await _configs.ToggleAsync(project, config, enabled: false, "owner", Cancellation);
        Assert.Equal(AlertStatus.Cancelled, Assert.Single(await AllAsync()).Status);
        await _alerts.SyncAsync(project, Cancellation);
        Assert.Empty(await OpenAsync());

        await _configs.ToggleAsync(project, config, enabled: true, "owner", Cancellation);
        Assert.Null(Assert.Single(await OpenAsync()).Resolved);
        await _configs.DeleteAsync(project, config, "owner", Cancellation);
        Assert.Empty(await OpenAsync());
        Assert.DoesNotContain(await _configs.ListAsync(project, Cancellation), c => c.Id == config);
    }

    [Fact]
    public async Task An_alert_goes_over_to_another_configuration_of_its_type_when_its_own_is_deleted()
    {
        var project = await UnreachableAsync();
        var other = AlertConfigId.FromValid(new string('1', 24));
        _time.Advance(TimeSpan.FromMinutes(1));
        await _configs.CreateAsync(project, other, new(KeyNews.NetworkAccessDenied, true, [new("", Addressee.Group, 0)], null, null), "owner", Cancellation);
        await _configs.DeleteAsync(project, DefaultAlertConfigs.IdOf(project.Id, KeyNews.NetworkAccessDenied), "owner", Cancellation);

        Assert.Equal(other, Assert.Single(await OpenAsync()).ConfigId);
    }

    [Fact]
    public async Task The_mail_of_a_shut_down_goes_out_without_any_configuration_and_counts_as_the_owners_first()
    {
        var project = await ProjectAsync();
        var before = project.EncryptionAtRest.StandingOf(KeyProvider.Aws)!.After(new(new KeyVerdict.Invalid(InvalidReason.KeyDisabled, ""), KeyFacts.None), CheckTrigger.Scheduled, _time.GetUtcNow());
        var after = before.ShutDown(_time.GetUtcNow());
        project = await SaveAsync(project, after);
        var told = KeyNews.Of(project.Id, KeyProvider.Aws, before, after, ["orders"]).Single(e => e.Type == KeyNews.ConfigNoLongerValid);
        foreach (var type in AlertTypes.All.Where(t => t is not KeyNews.ConfigNoLongerValid))
            await _configs.DeleteAsync(project, DefaultAlertConfigs.IdOf(project.Id, type), "owner", Cancellation);
        var shutDown = new ShutDownMail(_store, _store, this, _time, NullLogger<ShutDownMail>.Instance);

        await shutDown.TellAsync(told, Cancellation);
        await PassAsync(TimeSpan.FromMinutes(10));
        Assert.Contains("orders", Assert.Single(_sent).Body);
        await PassAsync(TimeSpan.FromMinutes(50));
        Assert.Equal(2, _sent.Count);
        Assert.False(await shutDown.TellAsync(told, Cancellation));

        await _configs.DeleteAsync(project, DefaultAlertConfigs.IdOf(project.Id, KeyNews.ConfigNoLongerValid), "owner", Cancellation);
        Assert.True(await shutDown.TellAsync(told with { Id = Ear.Alerts.EventId.FromValid(new string('e', 24)) }, Cancellation));
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task Owners_hear_of_a_shut_down_by_one_mail_and_of_an_invalid_key_before_it_by_another()
    {
        var project = await ProjectAsync();
        var no = new KeyCheck(new KeyVerdict.Invalid(InvalidReason.KeyDisabled, ""), KeyFacts.None);
        var invalid = project.EncryptionAtRest.StandingOf(KeyProvider.Aws)!.After(no, CheckTrigger.OnDemand, _time.GetUtcNow());
        project = await SaveAsync(project, invalid);
        await _alerts.SyncAsync(project, Cancellation);
        await PassAsync(TimeSpan.Zero);
        Assert.Contains("not valid", Assert.Single(_sent).Body);

        var after = invalid.ShutDown(_time.GetUtcNow());
        project = await SaveAsync(project, after);
        await _alerts.SyncAsync(project, Cancellation);
        await new ShutDownMail(_store, _store, this, _time, NullLogger<ShutDownMail>.Instance).TellAsync(
            KeyNews.Of(project.Id, KeyProvider.Aws, invalid, after, ["orders"]).Single(e => e.Type == KeyNews.ConfigNoLongerValid), Cancellation);
        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(2, _sent.Count);
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(3, _sent.Count);

        await _configs.DeleteAsync(project, DefaultAlertConfigs.IdOf(project.Id, KeyNews.ConfigNoLongerValid), "owner", Cancellation);
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Contains("AWS_ENCRYPTION_KEY_INVALID", _sent[^1].Subject);
    }

    [Fact]
    public async Task A_key_older_than_its_configuration_allows_is_told_of_and_another_key_closes_it()
    {
        var project = await ProjectAsync();
        var reminders = new RotationReminders(_store, _alerts);
        _time.Advance(TimeSpan.FromDays(90));
        await reminders.RunAsync(Cancellation);
        Assert.Empty(await OpenAsync());

        _time.Advance(TimeSpan.FromHours(1));
        await reminders.RunAsync(Cancellation);
        await reminders.RunAsync(Cancellation);
        Assert.Equal("AWS_ENCRYPTION_KEY_NEEDS_ROTATION", Assert.Single(await OpenAsync()).Type);
        Assert.Single(_store.AllEvents, e => e.Type == "AWS_ENCRYPTION_KEY_NEEDS_ROTATION");
        await PassAsync(TimeSpan.Zero);
        Assert.Contains("2026-11-24", Assert.Single(_sent).Body);

        await SaveAsync(project, project.EncryptionAtRest.StandingOf(KeyProvider.Aws)! with { KeySetAt = _time.GetUtcNow() });
        await reminders.RunAsync(Cancellation);
        Assert.Equal(AlertStatus.Closed, Assert.Single(await AllAsync()).Status);
    }

    [Fact]
    public async Task A_key_that_its_provider_rotates_is_as_old_as_its_last_rotation()
    {
        var project = await ProjectAsync();
        _time.Advance(TimeSpan.FromDays(200));
        var rotated = new KeyRotation(Enabled: true, Last: _time.GetUtcNow() - TimeSpan.FromDays(10));
        await SaveAsync(project, project.EncryptionAtRest.StandingOf(KeyProvider.Aws)! with { Facts = KeyFacts.None with { Rotation = rotated } });
        await new RotationReminders(_store, _alerts).RunAsync(Cancellation);
        Assert.Empty(await OpenAsync());

        _time.Advance(TimeSpan.FromDays(81));
        await new RotationReminders(_store, _alerts).RunAsync(Cancellation);
        Assert.Single(await OpenAsync());
    }

    [Fact]
    public async Task A_higher_threshold_cancels_the_reminder()
    {
        var project = await ProjectAsync();
        _time.Advance(TimeSpan.FromDays(100));
        await _alerts.SyncAsync(project, Cancellation);
        var config = Assert.Single(await OpenAsync()).ConfigId!.Value;
        await _configs.ReplaceAsync(project, config, new("AWS_ENCRYPTION_KEY_NEEDS_ROTATION", true, [new("", Addressee.Group, 0)], 365, null), "owner", Cancellation);

        Assert.Equal(AlertStatus.Cancelled, Assert.Single(await AllAsync()).Status);
    }

    [Fact]
    public async Task A_creation_that_is_told_twice_is_one_configuration()
    {
        var project = await ProjectAsync();
        var draft = new AlertConfigDraft(KeyNews.NetworkAccessDenied, true, [new("", Addressee.Group, 0)], null, null);
        for (var times = 0; times < 2; times++)
            Assert.True((await _configs.CreateAsync(project, AlertConfigId.FromValid(new string('1', 24)), draft, "owner", Cancellation)).IsOk(out _, out _));

        Assert.Single(_store.AllEvents, e => e.Type == "ALERT_CONFIG_ADDED_AUDIT");
    }

    Task<MailAnswer> IMail.SendAsync(Mail mail, CancellationToken cancellation)
    {
        _tries++;
        if (_serverIsDown)
            throw new MailServerAwayException("The mail server does not answer.");
        if (mail.To.Contains(Broken))
            throw new InvalidOperationException("A bug.");
        if (mail.To.Any(_refusedForNow.Contains))
            throw new IOException("It takes the mail for nobody now.");
        if (mail.To.Any(_refusedForGood.Contains))
            return Task.FromResult<MailAnswer>(new MailAnswer.Refused("of 1 recipients 1 refused with 550."));
        _sent.Add(mail);
        return Task.FromResult<MailAnswer>(new MailAnswer.Taken());
    }

    void ILogger.Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel is LogLevel.Error)
            _errors.Add(formatter(state, exception));
    }

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    private static AlertNotification To(string address, int? interval = null) => new("", Addressee.Email, 0) { EmailAddress = address, IntervalMin = interval };

    private static ProjectEvent Told(Project project) => CausedEvents.Of(project.Id, KeyNews.NetworkAccessDenied, "x", project.Created, (KeyNews.ProviderDetail, "AWS"));

    /// <summary>In place of the default of the type.</summary>
    private async Task ConfigureAsync(Project project, params AlertNotification[] notifications)
    {
        await _configs.DeleteAsync(project, DefaultAlertConfigs.IdOf(project.Id, KeyNews.NetworkAccessDenied), "owner", Cancellation);
        var draft = new AlertConfigDraft(KeyNews.NetworkAccessDenied, true, [.. notifications], null, null);
        Assert.True((await _configs.CreateAsync(project, AlertConfigId.FromValid(new string('1', 24)), draft, "owner", Cancellation)).IsOk(out _, out _));
    }

    /// <summary>Ids in the order of the stores.</summary>
    private async Task<Project> ProjectAsync(string id, string owner = "owner@example.com")
    {
        var key = new FakeCustomerKey(KeyProvider.Aws, _time);
        var other = (await _store.FindAsync(ConfiguredProject.Id, Cancellation))?.Document ?? await ConfiguredProject.SaveAsync(_store, key, _time);
        var project = other with { Id = ProjectId.FromValid(id.PadRight(24, '0')), Name = id, OwnerEmails = [owner] };
        Assert.True((await _store.SaveAsync(project, 0, [], Cancellation)).Saved);
        return project;
    }

    private async Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        await _round.RunAsync(Cancellation);
    }

    private Task<Project> ProjectAsync() => ConfiguredProject.SaveAsync(_store, new FakeCustomerKey(KeyProvider.Aws, _time), _time);

    private async Task<Project> UnreachableAsync(Project? project = null)
    {
        project ??= await ProjectAsync();
        var check = new KeyCheck(new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, "no route"), KeyFacts.None);
        project = await SaveAsync(project, project.EncryptionAtRest.StandingOf(KeyProvider.Aws)!.After(check, CheckTrigger.Scheduled, _time.GetUtcNow()));
        await _alerts.SyncAsync(project, Cancellation);
        return project;
    }

    private async Task<Project> SaveAsync(Project project, KeyStanding standing)
    {
        var changed = project.With(KeyProvider.Aws, standing);
        Assert.True((await _store.SaveAsync(changed, (await _store.FindAsync(project.Id, Cancellation))!.Version, [], Cancellation)).Saved);
        return changed;
    }

    private async Task<IReadOnlyList<Alert>> OpenAsync() => [.. (await AllAsync()).Where(a => a.Status is AlertStatus.Open)];

    private async Task<IReadOnlyList<Alert>> AllAsync() => [.. (await _store.ListAsync(ConfiguredProject.Id, (AlertStatus?)null, Cancellation)).Select(a => a.Document)];
}
