using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
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

namespace Ear.Tests.Alerts.Webhooks;

/// <summary>Who is told of an alert at a webhook, when, and what becomes of a receiver that is away or refuses.</summary>
public sealed class WebhookTellingTests : IMail, IAlertDocuments, ILogger<AlertWebhooks>, ILogger<WebhookRound>
{
    private const string Url = "https://hooks.example.com/T0/secret-path";
    private const string OtherUrl = "https://other.example.com/";
    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore _store = new();
    private readonly FakeWebhook _receivers = new();
    private readonly List<string> _log = [];
    private readonly List<Mail> _mails = [];
    private readonly KeyAlerts _alerts;
    private readonly AlertConfigs _configs;
    private readonly AlertWebhooks _webhooks;
    private readonly WebhookRound _round;

    public WebhookTellingTests()
    {
        var addresses = new WebhookAddresses(_store, new CountingIds());
        _alerts = new(_store, _store, _time);
        _configs = new(_store, addresses, _alerts, new EventFactory(new CountingIds(), _time));
        _webhooks = new(Tellings, addresses, _receivers, this, this);
        _round = new(_store, _webhooks, new CountingIds(), this);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AlertTellings Tellings => new(_store, _store, _store, new CountingIds(), _time);

    [Fact]
    public async Task An_alert_that_opens_is_posted_once_however_often_its_event_is_delivered_and_then_reminded_of()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url, "not-a-real-key", interval: 60));
        await UnreachableAsync(project);
        Assert.Equal(1, await _webhooks.TellAsync(Told(project), Cancellation));
        Assert.Equal(0, await _webhooks.TellAsync(Told(project), Cancellation));

        var (to, first) = Assert.Single(_receivers.Posted);
        Assert.Equal((Url, "not-a-real-key", "alert.open"), (to.Url, to.Key, first.Event));
        Assert.Equal("AWS", Encoding.UTF8.GetString(first.Body.Span));
        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.Single(_receivers.Posted);
        await PassAsync(TimeSpan.FromMinutes(1));
        await PassAsync(TimeSpan.Zero);
        Assert.Equal(2, _receivers.Posted.Count);
        Assert.Equal("alert.update", _receivers.Posted[1].Message.Event);
        Assert.NotEqual(first.Id, _receivers.Posted[1].Message.Id);
    }

    [Fact]
    public async Task A_delayed_notification_waits_and_one_without_an_interval_is_told_once()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(30, Url));
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.FromMinutes(29));
        Assert.Empty(_receivers.Posted);
        await PassAsync(TimeSpan.FromMinutes(1));
        await PassAsync(TimeSpan.FromDays(1));
        Assert.Single(_receivers.Posted);
    }

    [Fact]
    public async Task An_acknowledged_alert_reminds_nobody_until_that_ends()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url, interval: 5));
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        await new AlertAcknowledgement(_store, new EventFactory(new SystemIds(_time), _time)).ApplyAsync(project.Id, (await OpenAsync()).Id, _time.GetUtcNow() + TimeSpan.FromHours(1), null, "owner", Cancellation);

        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.Single(_receivers.Posted);
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, _receivers.Posted.Count);
    }

    [Theory]
    [InlineData(nameof(SavePoint.BeforeCommit), 2)]
    [InlineData(nameof(SavePoint.AfterCommit), 1)]
    public async Task Dying_between_message_and_mark_posts_the_same_id_again_or_nothing(string point, int posts)
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url));
        await UnreachableAsync(project);
        _store.Fault = at =>
        {
            if ($"{at}" == point)
                throw new IOException("We died.");
        };
        await PassAsync(TimeSpan.Zero);
        _store.Fault = null;
        await PassAsync(TimeSpan.Zero);
        await PassAsync(TimeSpan.Zero);

        Assert.Equal(posts, _receivers.Posted.Count);
        Assert.Single(_receivers.Posted.Select(p => p.Message.Id).Distinct());
    }

    [Fact]
    public async Task A_receiver_that_is_away_fails_the_delivery_after_all_others_were_told_and_only_it_is_told_later()
    {
        var project = await ProjectAsync();
        _receivers.IsAway(Url);
        await ConfigureAsync(project, To(0, Url), To(0, OtherUrl));
        await UnreachableAsync(project);

        var fault = await Assert.ThrowsAsync<IOException>(() => _webhooks.TellAsync(Told(project), Cancellation));
        Assert.Contains("1 of 2", fault.Message);
        Assert.Equal([OtherUrl], _receivers.Posted.Select(p => p.To.Url));
        _receivers.Takes(Url);
        Assert.Equal(0, await _webhooks.TellAsync(Told(project), Cancellation));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await _webhooks.TellAsync(Told(project), Cancellation));
        Assert.Equal([OtherUrl, Url], _receivers.Posted.Select(p => p.To.Url));
    }

    [Fact]
    public async Task A_refusal_for_good_is_not_repeated_before_the_next_reminder_and_the_log_says_why()
    {
        var project = await ProjectAsync();
        _receivers.Refuses(Url);
        await ConfigureAsync(project, To(0, Url, interval: 60));
        await UnreachableAsync(project);
        Assert.Equal(0, await _webhooks.TellAsync(Told(project), Cancellation));
        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.Single(_receivers.Posted);
        Assert.Contains("It answered 404", Assert.Single(_log));

        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, _receivers.Posted.Count);
    }

    [Fact]
    public async Task A_project_whose_receiver_is_away_keeps_no_other_project_waiting()
    {
        _receivers.IsAway(Url);
        var (broken, whole) = (await ProjectAsync(), await ProjectAsync(new string('c', 24)));
        await ConfigureAsync(broken, To(0, Url));
        await ConfigureAsync(whole, To(0, OtherUrl));
        await UnreachableAsync(broken);
        await UnreachableAsync(whole);

        Assert.Equal(1, await _round.RunAsync(Cancellation));
        Assert.Equal([OtherUrl], _receivers.Posted.Select(p => p.To.Url));
        Assert.Contains("a later round", Assert.Single(_log));
    }

    [Fact]
    public async Task An_alert_whose_receiver_is_away_keeps_no_other_alert_of_its_project_waiting()
    {
        _receivers.IsAway(Url);
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url));
        await ConfigureAsync(project, KeyNews.KeyInvalid(KeyProvider.Aws), '2', To(0, OtherUrl));
        await UnreachableAsync(project);
        var broken = await OpenAsync();
        var behind = broken with { Id = AlertId.FromValid(new string('f', 24)), Type = KeyNews.KeyInvalid(KeyProvider.Aws) };
        Assert.True((await _store.SaveAsync(behind, 0, [], Cancellation)).Saved);

        Assert.Equal(1, await _round.RunAsync(Cancellation));
        Assert.Equal([OtherUrl], _receivers.Posted.Select(p => p.To.Url));
    }

    [Theory]
    [InlineData(null, new[] { 0, 1, 3, 6, 12, 24, 48, 93, 138 })]
    [InlineData(5, new[] { 0, 1, 3, 6, 10, 14, 18, 22 })]
    public async Task A_receiver_that_is_away_is_tried_again_with_waits_that_double_up_to_an_hour_or_its_own_interval(int? interval, int[] first)
    {
        var project = await ProjectAsync();
        var tries = 0;
        _receivers.Answers(Url, () =>
        {
            tries++;
            throw new IOException("It answered 503.");
        });
        await ConfigureAsync(project, To(0, Url, interval: interval));
        await UnreachableAsync(project);
        var minutes = new List<int>();
        for (var minute = 0; minute <= 140; minute++)
        {
            var before = tries;
            await PassAsync(minute == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(1));
            if (tries > before)
                minutes.Add(minute);
        }
        // A quarter of each wait is left out by these ids, and the round comes each minute.
        Assert.Equal(first, minutes.Take(first.Length));

        _receivers.Takes(Url);
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Single(_receivers.Posted);
    }

    [Fact]
    public async Task Receivers_that_are_away_starve_nobody_behind_them()
    {
        _receivers.IsAway(Url);
        for (var i = 0; i < 300; i++)
            await AwayAsync(await ProjectAsync($"a{i:x3}".PadRight(24, '0')), Url);
        await AwayAsync(await ProjectAsync(new string('f', 24)), OtherUrl);

        Assert.Equal(0, await _round.RunAsync(Cancellation));
        Assert.Equal(1, await _round.RunAsync(Cancellation));
    }

    [Fact]
    public async Task A_fault_of_Ears_own_at_one_alert_costs_no_other_its_turn()
    {
        _receivers.Answers(Url, () => throw new InvalidOperationException("A bug."));
        for (var i = 0; i < 20; i++)
            await AwayAsync(await ProjectAsync($"a{i:x3}".PadRight(24, '0')), Url);
        await AwayAsync(await ProjectAsync(new string('f', 24)), OtherUrl);

        Assert.Equal(1, await _round.RunAsync(Cancellation));
    }

    [Fact]
    public async Task Mails_and_webhooks_of_one_alert_leave_each_other_s_marks()
    {
        var project = await ProjectAsync();
        _receivers.IsAway(Url);
        await ConfigureAsync(project, To(0, Url));
        await UnreachableAsync(project);
        var mail = new AlertMail(Tellings, this, NullLogger<AlertMail>.Instance);
        Assert.Equal(1, await mail.TellAsync(Told(project), Cancellation));
        await Assert.ThrowsAsync<IOException>(() => _webhooks.TellAsync(Told(project), Cancellation));
        _receivers.Takes(Url);
        _time.Advance(TimeSpan.FromMinutes(1));
        await _webhooks.TellAsync(Told(project), Cancellation);
        Assert.Equal(0, await mail.TellAsync(Told(project), Cancellation));

        Assert.Equal((1, 1), (_mails.Count, _receivers.Posted.Count));
        Assert.Equal(2, (await OpenAsync()).ToldTo!.Count);
    }

    [Fact]
    public async Task A_webhook_that_is_told_first_does_not_stand_for_the_mail_of_a_shut_down()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, KeyNews.ConfigNoLongerValid, To(0, Url));
        var before = project.EncryptionAtRest.StandingOf(KeyProvider.Aws)!.After(new(new KeyVerdict.Invalid(InvalidReason.KeyDisabled, ""), KeyFacts.None), CheckTrigger.Scheduled, _time.GetUtcNow());
        var after = before.ShutDown(_time.GetUtcNow());
        await SaveAsync(project, after);
        await _alerts.SyncAsync((await _store.FindAsync(project.Id, Cancellation))!.Document, Cancellation);
        var told = KeyNews.Of(project.Id, KeyProvider.Aws, before, after, ["orders"]).Single(e => e.Type == KeyNews.ConfigNoLongerValid);

        Assert.Equal(1, await _webhooks.TellAsync(told, Cancellation));
        Assert.True(await new ShutDownMail(_store, _store, this, _time, NullLogger<ShutDownMail>.Instance).TellAsync(told, Cancellation));
    }

    [Fact]
    public async Task Who_took_an_alert_hears_once_that_it_is_over_and_anew_should_it_open_again()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url), To(60, OtherUrl));
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        await ReachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        await PassAsync(TimeSpan.FromMinutes(1));
        // The other one was never told that it was open.
        Assert.Equal([(Url, "alert.open"), (Url, "alert.close")], _receivers.Posted.Select(p => (p.To.Url, p.Message.Event)));
        Assert.Empty((await _store.OpenAsync(null, 10, Cancellation)).Items);

        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        Assert.Equal((Url, "alert.open"), _receivers.Posted.Skip(2).Select(p => (p.To.Url, p.Message.Event)).First());
        Assert.Distinct(_receivers.Posted.Select(p => p.Message.Id));
    }

    [Fact]
    public async Task An_alert_that_nobody_wants_any_more_is_cancelled_at_its_webhooks_and_may_come_back()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url));
        await _configs.DeleteAsync(project, DefaultAlertConfigs.IdOf(project.Id, KeyNews.NetworkAccessDenied), "owner", Cancellation);
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        project = (await _store.FindAsync(project.Id, Cancellation))!.Document;
        await _configs.ToggleAsync(project, AlertConfigId.FromValid(new string('1', 24)), enabled: false, "owner", Cancellation);
        await PassAsync(TimeSpan.Zero);
        Assert.Equal(["alert.open", "alert.cancel"], _receivers.Posted.Select(p => p.Message.Event));

        await _configs.ToggleAsync(project, AlertConfigId.FromValid(new string('1', 24)), enabled: true, "owner", Cancellation);
        await PassAsync(TimeSpan.FromMinutes(1));
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["alert.open", "alert.cancel", "alert.open"], _receivers.Posted.Select(p => p.Message.Event));
        Assert.Distinct(_receivers.Posted.Select(p => p.Message.Id));
    }

    [Fact]
    public async Task A_receiver_that_is_away_at_the_end_is_told_of_it_for_a_day()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url));
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        _receivers.IsAway(Url);
        await ReachableAsync(project);
        await PassAsync(AlertWebhooks.EndIsNews - TimeSpan.FromMinutes(1));
        Assert.Single((await _store.OpenAsync(null, 10, Cancellation)).Items);
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty((await _store.OpenAsync(null, 10, Cancellation)).Items);
        _receivers.Takes(Url);
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Single(_receivers.Posted);
    }

    [Fact]
    public async Task An_end_that_no_round_looked_at_for_a_day_is_tried_once_all_the_same()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url));
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        await ReachableAsync(project);

        await PassAsync(AlertWebhooks.EndIsNews + TimeSpan.FromHours(1));
        Assert.Equal(["alert.open", "alert.close"], _receivers.Posted.Select(p => p.Message.Event));
    }

    [Fact]
    public async Task An_end_is_tried_again_with_growing_waits_too_and_told_when_the_receiver_is_back()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url));
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        var tries = 0;
        _receivers.Answers(Url, () =>
        {
            tries++;
            throw new IOException("It answered 503.");
        });
        await ReachableAsync(project);
        for (var minute = 0; minute < 24; minute++)
            await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(5, tries);

        _receivers.Takes(Url);
        await PassAsync(TimeSpan.FromMinutes(30));
        Assert.Equal("alert.close", _receivers.Posted[^1].Message.Event);
        Assert.Empty((await _store.OpenAsync(null, 10, Cancellation)).Items);
    }

    [Fact]
    public async Task The_end_is_not_owed_to_a_webhook_whose_configuration_is_gone()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url));
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        await _configs.DeleteAsync(project, AlertConfigId.FromValid(new string('1', 24)), "owner", Cancellation);
        await ReachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        Assert.Single(_receivers.Posted);
        Assert.Empty((await _store.OpenAsync(null, 10, Cancellation)).Items);
    }

    [Fact]
    public async Task Who_took_an_alert_hears_that_somebody_takes_it_on()
    {
        var project = await ProjectAsync();
        await ConfigureAsync(project, To(0, Url), To(60, OtherUrl));
        await UnreachableAsync(project);
        await PassAsync(TimeSpan.Zero);
        await new AlertAcknowledgement(_store, new EventFactory(new SystemIds(_time), _time)).ApplyAsync(project.Id, (await OpenAsync()).Id, _time.GetUtcNow() + TimeSpan.FromHours(1), null, "owner", Cancellation);
        var told = _store.AllEvents.Last(e => e.Type == "ALERT_ACKNOWLEDGED_AUDIT");
        Assert.Contains(told.Type, EventsTopic.Webhook.Types);

        Assert.Equal(1, await _webhooks.TellAsync(told, Cancellation));
        await _webhooks.TellAsync(told, Cancellation);

        Assert.Equal([(Url, "alert.acknowledge"), (Url, "alert.acknowledge")], _receivers.Posted.Skip(1).Select(p => (p.To.Url, p.Message.Event)));
        Assert.Equal(_receivers.Posted[1].Message.Id, _receivers.Posted[2].Message.Id);
    }

    [Fact]
    public async Task What_the_log_and_the_faults_say_holds_neither_address_nor_key()
    {
        var project = await ProjectAsync();
        _receivers.Refuses(Url);
        _receivers.IsAway(OtherUrl + "secret-too");
        await ConfigureAsync(project, To(0, Url, "not-a-real-key"), To(0, OtherUrl + "secret-too", "not-a-real-key"));
        await UnreachableAsync(project);
        var fault = await Assert.ThrowsAsync<IOException>(() => _webhooks.TellAsync(Told(project), Cancellation));
        await PassAsync(TimeSpan.Zero);

        Assert.NotEmpty(_log);
        Assert.All(_log.Append(fault.ToString()), line => Assert.DoesNotContain("secret-", line));
        Assert.All(_log.Append(fault.ToString()), line => Assert.DoesNotContain("not-a-real-key", line));
        Assert.DoesNotContain(_store.AllEvents, e => JsonSerializer.Serialize(e, EarJson.Options).Contains("secret-", StringComparison.Ordinal));
    }

    ReadOnlyMemory<byte> IAlertDocuments.Of(Project project, Alert alert) => Encoding.UTF8.GetBytes(alert.Subject);

    Task<MailAnswer> IMail.SendAsync(Mail mail, CancellationToken cancellation)
    {
        _mails.Add(mail);
        return Task.FromResult<MailAnswer>(new MailAnswer.Taken());
    }

    void ILogger.Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_log)
            _log.Add($"{formatter(state, exception)} {exception}");
    }

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    private static (AlertNotification, WebhookWish) To(int delay, string url, string? key = null, int? interval = null)
        => (new AlertNotification("", Addressee.Webhook, delay) { IntervalMin = interval }, new WebhookWish(new(url), key is null ? null : new(key), null));

    private Task ConfigureAsync(Project project, params (AlertNotification Notification, WebhookWish Wish)[] told) => ConfigureAsync(project, KeyNews.NetworkAccessDenied, told);

    private Task ConfigureAsync(Project project, string type, params (AlertNotification Notification, WebhookWish Wish)[] told) => ConfigureAsync(project, type, '1', told);

    private async Task AwayAsync(Project project, string url)
    {
        await ConfigureAsync(project, To(0, url));
        await UnreachableAsync(project);
    }

    private async Task ConfigureAsync(Project project, string type, char id, params (AlertNotification Notification, WebhookWish Wish)[] told)
    {
        var draft = new AlertConfigDraft(type, true, [.. told.Select(t => t.Notification)], null, null) { Webhooks = told.Index().ToImmutableDictionary(t => t.Index, t => t.Item.Wish) };
        Assert.True((await _configs.CreateAsync(project, AlertConfigId.FromValid(new string(id, 24)), draft, "owner", Cancellation)).IsOk(out _, out _));
    }

    private static ProjectEvent Told(Project project) => CausedEvents.Of(project.Id, KeyNews.NetworkAccessDenied, "x", project.Created, (KeyNews.ProviderDetail, "AWS"));

    private async Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        await _round.RunAsync(Cancellation);
    }

    private async Task<Project> ProjectAsync(string? id = null)
    {
        var project = await ConfiguredProject.SaveAsync(_store, new FakeCustomerKey(KeyProvider.Aws, _time), _time);
        if (id is null)
            return project;
        var other = project with { Id = ProjectId.FromValid(id), Name = id };
        Assert.True((await _store.SaveAsync(other, 0, [], Cancellation)).Saved);
        return other;
    }

    private Task UnreachableAsync(Project project) => CheckedAsync(project, new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, "no route"));

    private Task ReachableAsync(Project project) => CheckedAsync(project, new KeyVerdict.Valid());

    private async Task CheckedAsync(Project project, KeyVerdict verdict)
    {
        var standing = (await _store.FindAsync(project.Id, Cancellation))!.Document.EncryptionAtRest.StandingOf(KeyProvider.Aws)!;
        await SaveAsync(project, standing.After(new(verdict, KeyFacts.None), CheckTrigger.Scheduled, _time.GetUtcNow()));
        await _alerts.SyncAsync((await _store.FindAsync(project.Id, Cancellation))!.Document, Cancellation);
    }

    private async Task SaveAsync(Project project, KeyStanding standing)
        => Assert.True((await _store.SaveAsync(project.With(KeyProvider.Aws, standing), (await _store.FindAsync(project.Id, Cancellation))!.Version, [], Cancellation)).Saved);

    private async Task<Alert> OpenAsync() => Assert.Single(await _store.ListAsync(ConfiguredProject.Id, AlertStatus.Open, Cancellation)).Document;
}
