using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Local.ServiceBus;
using Ear.Projects;
using Ear.Providers.ServiceBus;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.ServiceBus;

/// <summary>On the broker of <c>ear up</c>: duplicates, locks and rules are real.</summary>
public sealed class ServiceBusDeadLettersTests : IAsyncDisposable
{
    private static readonly Subscription Mail = EventsTopic.Mail;

    private readonly string _folder = Directory.CreateTempSubdirectory("ear-dead-letters-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Broker _broker;
    private readonly ServiceBusClient _client;
    private readonly ServiceBusSender _topic;
    private readonly ServiceBusReceiver _mail;
    private readonly ServiceBusReceiver _dead;
    private readonly ServiceBusDeadLetters _deadLetters;
    private readonly ProjectId _project = Some.Id<ProjectId>();
    private long _sequence;

    public ServiceBusDeadLettersTests()
    {
        _broker = new Broker($"{Guid.NewGuid():N}.servicebus.localhost", new BrokerOptions { DuplicateWindow = EventsTopic.DuplicateWindow });
        ServiceBusNamespaces.Register(_broker.FullyQualifiedNamespace, _broker);
        _broker.Open(Path.Combine(_folder, "bus.db"), _time, new SystemIds(_time), new BrokerEntities([], [], [(EventsTopic.Name, Mail.Name)])
        {
            Rules = [new SubscriptionRule(EventsTopic.Name, Mail.Name, Subscription.TypeProperty, Mail.Types)],
        });
        _client = new ServiceBusClient($"Endpoint=sb://{_broker.FullyQualifiedNamespace}");
        _topic = _client.CreateSender(EventsTopic.Name);
        _mail = _client.CreateReceiver(EventsTopic.Name, Mail.Name);
        _dead = _client.CreateReceiver(EventsTopic.Name, Mail.Name, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        _deadLetters = new(_client, Options.Create(new AnnouncerOptions()), _time, NullLogger<ServiceBusDeadLetters>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_dead_letter_is_sent_again_under_its_id_and_says_so()
    {
        var sent = await DieAsync();
        PassTheWindow();

        Assert.Equal(new DeadLetterReplay(1, 0, 0), await ReplayAsync());

        var again = await _mail.ReceiveMessageAsync(null, Cancellation);
        Assert.Equal((sent.MessageId, sent.SessionId, sent.Subject, sent.Body.ToString()), (again.MessageId, again.SessionId, again.Subject, again.Body.ToString()));
        Assert.Equal((1, Mail.Name, null), (again.ApplicationProperties["replays"], again.ApplicationProperties["replayedFor"], again.DeadLetterReason));
        Assert.Equal(0, await CountOfDeadAsync());
    }

    [Fact]
    public async Task While_the_topic_would_drop_it_as_a_duplicate_a_dead_letter_stays_and_is_free()
    {
        await DieAsync();
        _time.Advance(EventsTopic.DuplicateWindow);

        Assert.Equal(new DeadLetterReplay(0, 1, 0), await ReplayAsync());

        Assert.NotNull(await _dead.ReceiveMessageAsync(null, Cancellation));
    }

    [Fact]
    public async Task What_was_sent_again_when_we_died_is_not_heard_twice()
    {
        await DieAsync();
        PassTheWindow();
        await _topic.SendMessageAsync(new ServiceBusMessage(await _dead.PeekMessageAsync(null, Cancellation)), Cancellation);

        Assert.Equal(new DeadLetterReplay(1, 0, 0), await ReplayAsync());

        Assert.Single(await _mail.PeekMessagesAsync(10, null, Cancellation));
        Assert.Equal(0, await CountOfDeadAsync());
    }

    [Fact]
    public async Task A_message_that_dies_each_time_is_left_for_a_person_in_the_end()
    {
        await DieAsync();
        for (var i = 1; i <= ServiceBusDeadLetters.MaxReplays; i++)
        {
            PassTheWindow();
            Assert.Equal(new DeadLetterReplay(1, 0, 0), await ReplayAsync());
            await KillAsync();
        }
        PassTheWindow();

        Assert.Equal(new DeadLetterReplay(0, 0, 1), await ReplayAsync());
        Assert.Equal(1, await CountOfDeadAsync());
    }

    [Fact]
    public async Task A_run_takes_so_many_and_the_next_the_others_in_their_order()
    {
        var sent = new List<string>();
        for (var i = 0; i < 5; i++)
            sent.Add((await DieAsync()).MessageId);
        PassTheWindow();

        Assert.Equal(new DeadLetterReplay(3, 0, 0), await ReplayAsync(max: 3));
        Assert.Equal(2, await CountOfDeadAsync());
        Assert.Equal(new DeadLetterReplay(2, 0, 0), await ReplayAsync(max: 3));
        Assert.Equal(sent, (await _mail.PeekMessagesAsync(10, null, Cancellation)).Select(m => m.MessageId));
    }

    [Fact]
    public async Task Those_that_were_given_up_hide_none_that_came_later()
    {
        for (var i = 0; i < 7; i++)
            await DieAsync(GivenUp());
        var later = await DieAsync();
        PassTheWindow();

        Assert.Equal(new DeadLetterReplay(1, 0, 7), await ReplayAsync(max: 2));

        Assert.Equal(later.MessageId, Assert.Single(await _mail.PeekMessagesAsync(10, null, Cancellation)).MessageId);
        Assert.Equal(7, await CountOfDeadAsync());
        Assert.NotNull(await _dead.ReceiveMessageAsync(null, Cancellation));
    }

    [Fact]
    public async Task A_run_passes_over_ten_times_as_many_as_it_may_send_and_no_more()
    {
        for (var i = 0; i < 10; i++)
            await DieAsync(GivenUp());
        await DieAsync();
        PassTheWindow();

        Assert.Equal(new DeadLetterReplay(0, 0, 10), await ReplayAsync(max: 1));
    }

    [Fact]
    public async Task One_that_became_too_large_stays_and_holds_up_nobody()
    {
        var message = EventMessage.Of(Chained());
        using var batch = await _topic.CreateMessageBatchAsync(Cancellation);
        Assert.True(batch.TryAddMessage(message));
        message.Body = new BinaryData(new byte[message.Body.ToMemory().Length + batch.MaxSizeInBytes - batch.SizeInBytes]);
        message.SessionId = Some.Id<ProjectId>().Value;
        await DieAsync(message);
        await DieAsync();
        PassTheWindow();

        Assert.Equal(new DeadLetterReplay(1, 0, 1), await ReplayAsync());

        Assert.Equal(message.MessageId, (await _dead.ReceiveMessageAsync(null, Cancellation)).MessageId);
    }

    private Task<DeadLetterReplay> ReplayAsync(int max = 10) => _deadLetters.ReplayAsync(Mail, max, Cancellation);

    private void PassTheWindow() => _time.Advance(EventsTopic.DuplicateWindow + TimeSpan.FromMinutes(2));

    private async Task<ServiceBusMessage> DieAsync(ServiceBusMessage? message = null)
    {
        message ??= EventMessage.Of(Chained());
        await _topic.SendMessageAsync(message, Cancellation);
        await KillAsync();
        return message;
    }

    private async Task KillAsync()
        => await _mail.DeadLetterMessageAsync(await _mail.ReceiveMessageAsync(null, Cancellation), "MaxDeliveryCountExceeded", "The mail server is away.", Cancellation);

    private async Task<int> CountOfDeadAsync() => (await _dead.PeekMessagesAsync(10, null, Cancellation)).Count;

    private ServiceBusMessage GivenUp()
    {
        var message = EventMessage.Of(Chained());
        message.ApplicationProperties[ServiceBusDeadLetters.CountProperty] = ServiceBusDeadLetters.MaxReplays;
        return message;
    }

    private ChainedEvent Chained() => new(Some.Event(_project, Mail.Types[0]), ++_sequence, new string('a', 64), EventChain.Genesis);
}
