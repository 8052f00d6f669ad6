using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Tests.CustomerKeys.Validation;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Alerts;

public sealed class ShutDownMailTests : IMail, ILogger<ShutDownMail>
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore _store = new();
    private readonly List<Mail> _sent = [];
    private readonly ShutDownMail _mail;
    private readonly List<string> _errors = [];
    private MailAnswer _answer = new MailAnswer.Taken();
    private bool _serverIsDown;

    public ShutDownMailTests() => _mail = new(_store, _store, this, _time, this);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_mail_lists_all_affected_clusters_however_often_the_event_is_delivered()
    {
        var told = await ShutDownAsync("ledger", "orders");
        for (var delivery = 0; delivery < 3; delivery++)
            await _mail.TellAsync(told, Cancellation);

        var mail = Assert.Single(_sent);
        Assert.Equal(["owner@example.com"], mail.To);
        Assert.Contains("- ledger\n", mail.Body);
        Assert.Contains("- orders\n", mail.Body);
        Assert.Contains("KeyDisabled", mail.Body);
    }

    [Fact]
    public async Task A_mail_server_that_is_away_is_tried_again_at_the_next_delivery()
    {
        var told = await ShutDownAsync("orders");
        _serverIsDown = true;
        await Assert.ThrowsAsync<MailServerAwayException>(() => _mail.TellAsync(told, Cancellation));
        _serverIsDown = false;

        Assert.True(await _mail.TellAsync(told, Cancellation));
        Assert.Single(_sent);
    }

    [Fact]
    public async Task A_lost_answer_after_the_mark_sends_nothing_again()
    {
        var told = await ShutDownAsync("orders");
        _store.Fault = point =>
        {
            if (point is SavePoint.AfterCommit && _sent.Count > 0)
                throw new IOException("The answer got lost.");
        };
        await Assert.ThrowsAsync<IOException>(() => _mail.TellAsync(told, Cancellation));
        _store.Fault = null;

        Assert.False(await _mail.TellAsync(told, Cancellation));
        Assert.Single(_sent);
    }

    [Fact]
    public async Task Dying_between_mail_and_mark_sends_the_same_message_id_again()
    {
        var told = await ShutDownAsync("orders");
        _store.Fault = point =>
        {
            if (point is SavePoint.BeforeCommit && _sent.Count > 0)
                throw new IOException("We died.");
        };
        await Assert.ThrowsAsync<IOException>(() => _mail.TellAsync(told, Cancellation));
        _store.Fault = null;
        await _mail.TellAsync(told, Cancellation);

        Assert.Equal(2, _sent.Count);
        Assert.Single(_sent.Select(m => m.Id).Distinct());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_alert_and_the_mail_come_in_either_order_and_are_one(bool mailFirst)
    {
        var told = await ShutDownAsync("orders");
        var alerts = new KeyAlerts(_store, _store, _time);
        var project = (await _store.FindAsync(ConfiguredProject.Id, Cancellation))!.Document;
        if (mailFirst)
            await _mail.TellAsync(told, Cancellation);
        await alerts.SyncAsync(project, Cancellation);
        await _mail.TellAsync(told, Cancellation);

        var alert = Assert.Single(await _store.ListAsync(ConfiguredProject.Id, AlertStatus.Open, Cancellation), a => a.Document.Type == KeyNews.ConfigNoLongerValid).Document;
        Assert.NotNull(alert.LastNotified);
        Assert.Single(_sent);
    }

    [Fact]
    public async Task Nobody_is_mailed_when_no_cluster_uses_the_key()
    {
        Assert.False(await _mail.TellAsync(await ShutDownAsync(), Cancellation));
        Assert.Empty(_sent);
    }

    [Fact]
    public async Task An_owner_who_is_refused_is_logged_as_an_error_and_the_others_are_mailed_once()
    {
        var told = await ShutDownAsync("orders");
        _answer = new MailAnswer.Taken("of 2 recipients 1 refused with 550.");
        Assert.True(await _mail.TellAsync(told, Cancellation));
        Assert.False(await _mail.TellAsync(told, Cancellation));

        Assert.Single(_sent);
        Assert.Contains("1 refused with 550", Assert.Single(_errors));
    }

    [Fact]
    public async Task Owners_who_are_all_refused_for_good_are_logged_as_an_error_and_asked_again_by_the_reminder_only()
    {
        var told = await ShutDownAsync("orders");
        _answer = new MailAnswer.Refused("of 1 recipients 1 refused with 550.");
        Assert.False(await _mail.TellAsync(told, Cancellation));
        Assert.False(await _mail.TellAsync(told, Cancellation));

        Assert.Single(_sent);
        Assert.Contains("reached nobody", Assert.Single(_errors));
        Assert.NotNull((await _store.FindAsync(told.ProjectId, AlertId.FromValid(told.Id.Value), Cancellation))!.Document.OwnersToldOfShutDown);
    }

    void ILogger.Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel is LogLevel.Error)
            _errors.Add(formatter(state, exception));
    }

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    Task<MailAnswer> IMail.SendAsync(Mail mail, CancellationToken cancellation)
    {
        if (_serverIsDown)
            throw new MailServerAwayException("The mail server does not answer.");
        _sent.Add(mail);
        return Task.FromResult(_answer);
    }

    private async Task<ProjectEvent> ShutDownAsync(params string[] clusters)
    {
        var key = new FakeCustomerKey(KeyProvider.Aws, _time);
        var project = await ConfiguredProject.SaveAsync(_store, key, _time);
        var check = new KeyCheck(new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled"), KeyFacts.None);
        var before = project.EncryptionAtRest.StandingOf(KeyProvider.Aws)!.After(check, CheckTrigger.Scheduled, _time.GetUtcNow());
        var after = before.ShutDown(_time.GetUtcNow());
        await _store.SaveAsync(project.With(KeyProvider.Aws, after), 1, [], Cancellation);
        return KeyNews.Of(project.Id, KeyProvider.Aws, before, after, clusters).Single(e => e.Type == KeyNews.ConfigNoLongerValid);
    }
}
