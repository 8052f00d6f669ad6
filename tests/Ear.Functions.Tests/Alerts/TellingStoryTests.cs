using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.CustomerKeys.Validation;
using Ear.Functions.Alerts;
using Ear.Functions.Tests.Http.World;
using Ear.Local.Host;
using Ear.Local.Mail;
using Ear.Local.ServiceBus;
using Ear.Providers.ServiceBus;
using Ear.Providers.Smtp;
using Ear.Providers.Tests.Webhooks;
using Ear.Providers.Webhooks;
using Ear.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Functions.Tests.Alerts;

/// <summary>
/// From an event in the outbox to a mail and to a webhook's receiver: the app's own functions on the real local host and broker, a real mail server
/// and a real receiver beside it; only the store is in memory, and time passes as the test says.
/// </summary>
public sealed class TellingStoryTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ear-telling-").FullName;
    private readonly int _smtpPort = FreePort();
    private Receiver _receiver = null!;
    private Doors _doors = null!;
    private MailSink? _sink;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _doors = await Doors.OpenAsync(
            new Dictionary<string, string?>
            {
                ["EventsTopic"] = EventsTopic.Name,
                ["Ear:Smtp:Host"] = "127.0.0.1",
                ["Ear:Smtp:Port"] = $"{_smtpPort}",
                ["Ear:Smtp:Tls"] = nameof(SmtpTls.None),
                ["Ear:Smtp:From"] = "ear@example.org",
                ["Ear:Webhooks:LocalHosts"] = "127.0.0.1",
            },
            [typeof(MailOwners), typeof(PostToWebhooks), typeof(ReplayDeadLetters), typeof(TellOfAlerts), typeof(TellWebhooksOfAlerts)],
            with: services =>
            {
                services.RemoveAll<IWebhook>();
                services.AddSingleton<IOutbox>(s => s.GetRequiredService<InMemoryStore>());
                services.AddSingleton<IOpenAlerts>(s => s.GetRequiredService<InMemoryStore>());
                services.AddSmtp().AddWebhooks().AddServiceBusAnnouncer();
            },
            hosted: data =>
            {
                var options = new FunctionsHostOptions { DataFolder = data, ServiceBus = new() { DuplicateWindow = EventsTopic.DuplicateWindow } };
                options.Topics.Add(EventsTopic.Name);
                foreach (var subscription in EventsTopic.OfTheApp)
                    options.ServiceBusRules.Add(new(EventsTopic.Name, subscription.Name, Subscription.TypeProperty, subscription.Types));
                return options;
            });
    }

    public async ValueTask DisposeAsync()
    {
        await _doors.DisposeAsync();
        await _receiver.DisposeAsync();
        if (_sink is not null)
            await _sink.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_webhook_that_was_configured_over_HTTP_gets_a_signed_message_of_its_alert()
    {
        using var owner = await _doors.OwnerAsync();
        await ConfigureAsync(owner, $"http://127.0.0.1:{_receiver.Port}/hidden-path");
        var alert = await OpenAsync();

        await _doors.TellAsync(alert.Type, (KeyNews.ProviderDetail, alert.Subject));
        await _doors.PassAsync(TimeSpan.FromMinutes(1), () => Task.FromResult(_receiver.All.Count > 0));

        var got = _receiver.All[0];
#pragma warning disable CA5350 // As Atlas's receivers do.
        Assert.Equal(Convert.ToBase64String(HMACSHA1.HashData("not-a-real-key"u8, got.Body)), got.Headers["X-MMS-Signature"]);
#pragma warning restore CA5350
        Assert.Equal("alert.open", got.Headers["X-MMS-Event"]);
        var body = JsonNode.Parse(got.Body)!;
        Assert.Equal((alert.Id.Value, "OPEN", alert.Type), (body["id"]!.GetValue<string>(), body["status"]!.GetValue<string>(), body["eventTypeName"]!.GetValue<string>()));

        // Marked, so that neither the round nor the event once more repeats it.
        await _doors.PassAsync(TimeSpan.FromMinutes(1), async () => (await AlertAsync(alert)).ToldTo is not null);
        await _doors.RunNowAsync(nameof(TellWebhooksOfAlerts));
        await _doors.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Single(_receiver.All);
    }

    [Fact]
    public async Task A_receiver_that_is_away_delays_no_mail_leaves_no_dead_letter_and_is_told_by_the_round_when_it_is_back()
    {
        _sink = StartSink();
        _receiver.Answers(503);
        using var owner = await _doors.OwnerAsync();
        await ConfigureAsync(owner, $"http://127.0.0.1:{_receiver.Port}/hidden-path");
        var alert = await OpenAsync();

        await _doors.TellAsync(alert.Type, (KeyNews.ProviderDetail, alert.Subject));
        await _doors.PassAsync(TimeSpan.FromMinutes(1), () => Task.FromResult(_sink.List().Count == 1));
        await _doors.PassAsync(TimeSpan.FromHours(1), async () => (await AlertAsync(alert)).Failed?.Values.Any(f => f.Times > 2) is true);
        await _doors.PassAsync(TimeSpan.FromMinutes(1), async () => await WaitingAsync(EventsTopic.WebhookName) is 0);
        Assert.Equal((0, 0), (await DeadAsync(EventsTopic.WebhookName), await DeadAsync(EventsTopic.MailName)));

        _receiver.Answers(200);
        await _doors.PassAsync(TimeSpan.FromMinutes(70), async () => (await AlertAsync(alert)).ToldTo!.Count == 2);
        Assert.Single(_receiver.All.Select(r => r.Headers["X-Ear-Delivery"]).Distinct());
        var posts = _receiver.All.Count;
        await _doors.RunNowAsync(nameof(TellWebhooksOfAlerts));
        await _doors.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(posts, _receiver.All.Count);
    }

    [Fact]
    public async Task A_mail_server_that_is_away_for_ten_tries_gets_the_mail_of_a_shut_down_once_when_it_is_back()
    {
        await _doors.TellAsync(KeyNews.ConfigNoLongerValid, (KeyNews.ProviderDetail, "AWS"), (KeyNews.ClustersDetail, "orders,shop"), (KeyNews.ReasonDetail, "KeyDisabled"));
        await _doors.PassAsync(TimeSpan.FromMinutes(15), async () => await DeadAsync(EventsTopic.MailName) is 1);
        var dead = await ReceiverOf(EventsTopic.MailName).PeekMessageAsync(null, Cancellation);
        Assert.Equal((10, "MaxDeliveryCountExceeded"), (dead.DeliveryCount, dead.DeadLetterReason));

        _sink = StartSink();
        PassTheWindow();
        await _doors.RunNowAsync(ReplayDeadLetters.OfMailName);
        await Doors.UntilAsync(() => Task.FromResult(_sink.List().Count > 0));
        await Doors.UntilAsync(async () => await DeadAsync(EventsTopic.MailName) is 0 && await WaitingAsync(EventsTopic.MailName) is 0);

        // Nothing that comes after it is a second one: neither another replay nor the rounds.
        await _doors.RunNowAsync(ReplayDeadLetters.OfMailName);
        await _doors.RunNowAsync(nameof(TellOfAlerts));
        await _doors.PassAsync(TimeSpan.FromMinutes(3));
        var mail = Assert.Single(_sink.List());
        Assert.Contains("2 clusters shut down", mail.Subject);
        Assert.Equal(["owner@example.com"], mail.Envelope);
    }

    private MailSink StartSink() => MailSink.Start(new MailSinkOptions(Path.Combine(_folder, "mail")) { Port = _smtpPort }, TimeProvider.System, NullLogger.Instance);

    private async Task ConfigureAsync(HttpClient owner, string url)
    {
        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{_doors.Group}/alertConfigs",
            $$$"""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","enabled":true,"notifications":[{"typeName":"WEBHOOK","webhookUrl":"{{{url}}}","webhookSecret":"not-a-real-key"}]}""");
        Assert.Equal(200, made.Status);
    }

    private async Task<Alert> OpenAsync()
    {
        var now = _doors.Time.GetUtcNow();
        var alert = new Alert(AlertId.FromValid(new string('a', 24)), _doors.First.ProjectId, "AWS_ENCRYPTION_KEY_INVALID", "AWS", AlertStatus.Open, now, now);
        Assert.True((await _doors.Store.SaveAsync(alert, 0, [], Cancellation)).Saved);
        return alert;
    }

    private async Task<Alert> AlertAsync(Alert alert) => (await _doors.Store.FindAsync(alert.ProjectId, alert.Id, Cancellation))!.Document;

    /// <summary>In one leap: nothing is on its way.</summary>
    private void PassTheWindow() => _doors.Time.Advance(EventsTopic.DuplicateWindow + TimeSpan.FromMinutes(2));

    private ServiceBusReceiver ReceiverOf(string subscription, SubQueue queue = SubQueue.DeadLetter)
        => _doors.Services.GetRequiredService<ServiceBusClient>().CreateReceiver(EventsTopic.Name, subscription, new ServiceBusReceiverOptions { SubQueue = queue });

    private async Task<int> DeadAsync(string subscription) => (await ReceiverOf(subscription).PeekMessagesAsync(10, 0, Cancellation)).Count;

    private async Task<int> WaitingAsync(string subscription) => (await ReceiverOf(subscription, SubQueue.None).PeekMessagesAsync(10, 0, Cancellation)).Count;

    private static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
