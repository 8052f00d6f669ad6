using System.Collections.Immutable;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.CustomerKeys.Validation;
using Ear.Functions.Alerts;
using Ear.Projects;
using Ear.Providers.ServiceBus;
using Ear.Providers.Tests.Stores;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.CloudBuild.Tests.ServiceBus;

/// <summary>What the app publishes, reads and replays, with Azure's own client over AMQP 1.0.</summary>
public sealed class OfficialClientTests : IMail, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(Some.Noon);
    private readonly AmqpNamespace _bus;
    private readonly ServiceProvider _services;
    private readonly InMemoryStore _store = new();
    private readonly Project _project = Some.Project();
    private readonly List<Mail> _mails = [];
    private long _sequence;

    public OfficialClientTests()
    {
        _bus = AmqpNamespace.Start(EventsTopic.Name, [EventsTopic.Mail, EventsTopic.Audit], _time);
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("AzureWebJobsServiceBus", _bus.ConnectionString), new("EventsTopic", EventsTopic.Name)]).Build())
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton<IOutbox>(_store)
            .AddServiceBusAnnouncer()
            .BuildServiceProvider();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IAnnouncer Announcer => _services.GetRequiredService<IAnnouncer>();

    private ServiceBusClient Client => _services.GetRequiredService<ServiceBusClient>();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _bus.DisposeAsync();
    }

    Task<MailAnswer> IMail.SendAsync(Mail mail, CancellationToken cancellation)
    {
        _mails.Add(mail);
        return Task.FromResult<MailAnswer>(new MailAnswer.Taken());
    }

    [Fact]
    public async Task An_event_arrives_with_all_that_filters_sessions_and_duplicate_detection_go_by()
    {
        var told = Chained(Some.Event(_project.Id, KeyNews.ConfigNoLongerValid, "orders"));

        await Announcer.AnnounceAsync([told], Cancellation);

        var message = Assert.Single(Assert.Single(_bus.Transfers));
        Assert.Equal((told.Event.Id.Value, _project.Id.Value, told.Event.Type, "application/json"), (message.Properties.MessageId, message.Properties.GroupId, message.Properties.Subject, (string)message.Properties.ContentType));
        Assert.Equal(
            new Dictionary<object, object> { ["type"] = told.Event.Type, ["project"] = _project.Id.Value, ["cluster"] = "orders", ["sequence"] = told.Sequence, ["hash"] = told.Hash },
            message.ApplicationProperties.Map.Where(p => (string)p.Key is not ("traceparent" or "Diagnostic-Id" or "tracestate")).ToDictionary(p => p.Key, p => p.Value));
        Assert.Contains(EventsTopic.Name, _bus.Audiences);
    }

    [Fact]
    public async Task What_does_not_fit_into_one_transfer_takes_several_of_one_project_in_order()
    {
        var other = Some.Id<ProjectId>();
        var events = Enumerable.Range(0, 12).Select(i => Chained(Large(i % 3 == 0 ? other : _project.Id, $"E{i}", 70_000))).ToList();

        await Announcer.AnnounceAsync(events, Cancellation);

        Assert.InRange(_bus.Transfers.Count, 5, 6);
        Assert.All(_bus.Transfers, transfer => Assert.Single(transfer.Select(m => m.Properties.GroupId).Distinct()));
        Assert.Equal(
            events.Where(e => e.Event.ProjectId == _project.Id).Select(e => e.Event.Type),
            _bus.Transfers.SelectMany(t => t).Where(m => m.Properties.GroupId == _project.Id.Value).Select(m => m.Properties.Subject));
        Assert.Equal(events.Count, _bus.Subscription("audit").Count);
    }

    [Fact]
    public async Task An_event_too_large_for_any_transfer_goes_without_its_details()
    {
        await Announcer.AnnounceAsync([Chained(Large(_project.Id, "LARGE", 500_000)), Chained(Some.Event(_project.Id, "AFTER"))], Cancellation);

        var sent = _bus.Transfers.SelectMany(t => t).ToList();
        Assert.Equal(["LARGE", "AFTER"], sent.Select(m => m.Properties.Subject));
        Assert.Equal(true, sent[0].ApplicationProperties["truncated"]);
    }

    [Fact]
    public async Task A_transfer_whose_answer_was_lost_is_sent_again_and_heard_once()
    {
        _bus.Answers = transfers => transfers > 1;
        ChainedEvent[] events = [Chained(Some.Event(_project.Id, "A")), Chained(Some.Event(_project.Id, "B"))];

        await Announcer.AnnounceAsync(events, Cancellation);

        Assert.Equal(2, _bus.Transfers.Count);
        Assert.Equal(Ids(_bus.Transfers[0]), Ids(_bus.Transfers[1]));
        Assert.Equal(2, _bus.Subscription("audit").Count);
    }

    [Fact]
    public async Task The_subscriber_reads_what_the_announcer_sent_and_mails_the_owners()
    {
        await _store.SaveAsync(_project, 0, [], Cancellation);
        await Announcer.AnnounceAsync([Chained(ShutDown())], Cancellation);

        await MailOwnersAsync(await ReceiveAsync());

        var mail = Assert.Single(_mails);
        Assert.Equal(_project.OwnerEmails, mail.To);
        Assert.Contains("orders", mail.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_letter_waits_for_its_hour_comes_back_under_its_id_and_is_mailed_once()
    {
        await _store.SaveAsync(_project, 0, [], Cancellation);
        var told = Chained(ShutDown());
        await Announcer.AnnounceAsync([told], Cancellation);
        await DieAsync(deliveries: AmqpEntity.MostDeliveries);

        Assert.Equal(new DeadLetterReplay(0, 1, 0), await ReplayAsync());
        _time.Advance(EventsTopic.DuplicateWindow + TimeSpan.FromMinutes(2));
        Assert.Equal(new DeadLetterReplay(1, 0, 0), await ReplayAsync());

        var again = await ReceiveAsync();
        Assert.Equal((told.Event.Id.Value, _project.Id.Value, told.Event.Type), (again.MessageId, again.SessionId, again.Subject));
        Assert.Equal((1, EventsTopic.MailName), (again.ApplicationProperties["replays"], again.ApplicationProperties["replayedFor"]));
        Assert.Equal(0, _bus.Subscription(EventsTopic.MailName).DeadLetters!.Count);
        await MailOwnersAsync(again);
        await MailOwnersAsync(again);
        Assert.Single(_mails);
    }

    [Fact]
    public async Task Many_dead_letters_come_back_in_turns_and_those_not_due_stay_free()
    {
        for (var i = 0; i < 7; i++)
        {
            await Announcer.AnnounceAsync([Chained(ShutDown())], Cancellation);
            await DieAsync(deliveries: AmqpEntity.MostDeliveries);
        }
        _time.Advance(EventsTopic.DuplicateWindow + TimeSpan.FromMinutes(2));
        await Announcer.AnnounceAsync([Chained(ShutDown())], Cancellation);
        await DieAsync(deliveries: AmqpEntity.MostDeliveries);

        Assert.Equal(new DeadLetterReplay(5, 0, 0), await ReplayAsync(max: 5));
        Assert.Equal(new DeadLetterReplay(2, 1, 0), await ReplayAsync(max: 5));
        Assert.Equal(new DeadLetterReplay(0, 1, 0), await ReplayAsync(max: 5));
        Assert.Equal(7, _bus.Subscription(EventsTopic.MailName).Count);
        Assert.NotNull(_bus.Subscription(EventsTopic.MailName).DeadLetters!.Lock());
    }

    [Fact]
    public async Task Dead_letters_that_were_given_up_hide_none_that_came_later()
    {
        for (var i = 0; i < 6; i++)
        {
            await Announcer.AnnounceAsync([Chained(ShutDown())], Cancellation);
            var message = await ReceiveAsync();
            await using var sender = Client.CreateSender(EventsTopic.Name);
            var again = new ServiceBusMessage(message) { MessageId = $"given-up-{i}" };
            again.ApplicationProperties["replays"] = 24;
            await sender.SendMessageAsync(again, Cancellation);
            await DieAsync(deliveries: AmqpEntity.MostDeliveries);
        }
        await Announcer.AnnounceAsync([Chained(ShutDown())], Cancellation);
        await DieAsync(deliveries: AmqpEntity.MostDeliveries);
        _time.Advance(EventsTopic.DuplicateWindow + TimeSpan.FromMinutes(2));

        Assert.Equal(new DeadLetterReplay(1, 0, 6), await ReplayAsync(max: 2));
        Assert.Equal(6, _bus.Subscription(EventsTopic.MailName).DeadLetters!.Count);
    }

    private static IEnumerable<string> Ids(IEnumerable<Amqp.Message> messages) => messages.Select(m => m.Properties.MessageId);

    private ChainedEvent Chained(ProjectEvent e) => new(e, ++_sequence, new string('a', 64), EventChain.Genesis);

    private ProjectEvent ShutDown() => Some.Event(_project.Id, KeyNews.ConfigNoLongerValid) with
    {
        Details = ImmutableSortedDictionary<string, string>.Empty.Add(KeyNews.ClustersDetail, "orders").Add(KeyNews.ProviderDetail, "AWS"),
    };

    private static ProjectEvent Large(ProjectId project, string type, int length)
        => Some.Event(project, type) with { Details = ImmutableSortedDictionary<string, string>.Empty.Add("why", new string('x', length)) };

    private Task<DeadLetterReplay> ReplayAsync(int max = 10) => _services.GetRequiredService<IDeadLetters>().ReplayAsync(EventsTopic.Mail, max, Cancellation);

    private async Task<ServiceBusReceivedMessage> ReceiveAsync()
    {
        await using var receiver = Client.CreateReceiver(EventsTopic.Name, EventsTopic.MailName);
        var message = await receiver.ReceiveMessageAsync(null, Cancellation);
        await receiver.CompleteMessageAsync(message, Cancellation);
        return message;
    }

    private async Task DieAsync(int deliveries)
    {
        await using var receiver = Client.CreateReceiver(EventsTopic.Name, EventsTopic.MailName);
        for (var i = 0; i < deliveries; i++)
            await receiver.AbandonMessageAsync(await receiver.ReceiveMessageAsync(null, Cancellation), null, Cancellation);
    }

    private Task MailOwnersAsync(ServiceBusReceivedMessage message)
        => new MailOwners(new ShutDownMail(_store, _store, this, _time, NullLogger<ShutDownMail>.Instance), new AlertMail(new AlertTellings(_store, _store, _store, new SystemIds(_time), _time), this, NullLogger<AlertMail>.Instance), NullLogger<MailOwners>.Instance).Run(message, Cancellation);
}
