using Azure.Messaging.ServiceBus;
using Ear.Local.ServiceBus;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.ServiceBus;

/// <summary>The broker through the client's types, without a host around it.</summary>
public sealed class BrokerTests : IAsyncLifetime
{
    private const string Subscription = "topic/Subscriptions/sub";
    private static readonly TimeSpan NoWait = TimeSpan.Zero;

    private readonly string _root = Directory.CreateTempSubdirectory("ear-broker-").FullName;
    private string _folder = "";
    private readonly JumpingTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private Broker _broker = null!;
    private ServiceBusSender _sender = null!;
    private ServiceBusReceiver _receiver = null!;
    private ServiceBusReceiver _ruled = null!;
    private ServiceBusReceiver _dead = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _folder = Directory.CreateDirectory(Path.Combine(_root, "first")).FullName;
        Open();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_message_arrives_as_it_was_sent()
    {
        var sent = new ServiceBusMessage("body")
        {
            MessageId = "id",
            Subject = "subject",
            CorrelationId = "correlation",
            To = "to",
            ContentType = "text/plain",
            TimeToLive = TimeSpan.FromHours(1),
            ApplicationProperties =
            {
                ["text"] = "x", ["yes"] = true, ["int"] = 5, ["long"] = 5L, ["double"] = 0.1, ["decimal"] = 1.10m,
                ["guid"] = Guid.Parse("6f9619ff-8b86-d011-b42d-00cf4fc964ff"), ["time"] = _time.GetUtcNow().AddTicks(1), ["span"] = TimeSpan.FromTicks(7),
            },
        };
        await _sender.SendMessageAsync(sent, Cancellation);

        var received = await _receiver.ReceiveMessageAsync(NoWait, Cancellation);

        Assert.Equal(("body", "id", "subject", "correlation"), (received.Body.ToString(), received.MessageId, received.Subject, received.CorrelationId));
        Assert.Equal(("to", "text/plain", 1), (received.To, received.ContentType, received.DeliveryCount));
        Assert.Equal(sent.ApplicationProperties.OrderBy(p => p.Key), received.ApplicationProperties.OrderBy(p => p.Key));
        Assert.Equal(_time.GetUtcNow().AddHours(1), received.ExpiresAt);
        Assert.Equal(_time.GetUtcNow().AddSeconds(60), received.LockedUntil);
    }

    [Fact]
    public async Task A_subscription_with_a_rule_hears_what_the_rule_names_and_its_neighbour_hears_all()
    {
        await _sender.SendMessagesAsync([Typed("mailed"), Typed("other"), new ServiceBusMessage("none"), new ServiceBusMessage("number") { ApplicationProperties = { ["type"] = 5 } }], Cancellation);

        Assert.Equal(["mailed"], await BodiesAsync(_ruled));
        Assert.Equal(["mailed", "other", "none", "number"], await BodiesAsync(_receiver));

        static ServiceBusMessage Typed(string type) => new(type) { ApplicationProperties = { ["type"] = type } };
    }

    [Fact]
    public async Task An_id_is_dropped_within_the_window_also_where_a_rule_dropped_it_before()
    {
        await _sender.SendMessageAsync(new ServiceBusMessage("first") { MessageId = "same" }, Cancellation);
        await _sender.SendMessageAsync(new ServiceBusMessage("second") { MessageId = "same", ApplicationProperties = { ["type"] = "mailed" } }, Cancellation);

        Assert.Empty(await BodiesAsync(_ruled));
        Assert.Equal(["first"], await BodiesAsync(_receiver));
    }

    [Fact]
    public async Task What_is_not_settled_is_there_again_after_the_process_died()
    {
        await _sender.SendMessagesAsync([Message("locked"), Message("done"), Message("untouched")], Cancellation);
        await _receiver.ReceiveMessageAsync(NoWait, Cancellation);
        await _receiver.CompleteMessageAsync(await _receiver.ReceiveMessageAsync(NoWait, Cancellation), Cancellation);

        await DieAndReopenAsync();

        var all = await _receiver.ReceiveMessagesAsync(10, NoWait, Cancellation);
        Assert.Equal([("locked", 2), ("untouched", 1)], all.Select(m => (m.Body.ToString(), m.DeliveryCount)));
    }

    [Fact]
    public async Task A_message_that_kills_the_process_each_time_runs_out_of_deliveries_too()
    {
        await _sender.SendMessageAsync(Message("deadly"), Cancellation);
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(await _receiver.ReceiveMessageAsync(NoWait, Cancellation));
            await DieAndReopenAsync();
        }

        Assert.Null(await _receiver.ReceiveMessageAsync(NoWait, Cancellation));
        Assert.Equal("MaxDeliveryCountExceeded", (await _dead.ReceiveMessageAsync(NoWait, Cancellation)).DeadLetterReason);
    }

    [Fact]
    public async Task A_lock_that_ends_gives_the_message_to_the_next_and_the_first_can_settle_it_no_more()
    {
        await _sender.SendMessageAsync(Message("m"), Cancellation);
        var first = await _receiver.ReceiveMessageAsync(NoWait, Cancellation);
        Assert.Null(await _receiver.ReceiveMessageAsync(NoWait, Cancellation));

        _time.Advance(TimeSpan.FromSeconds(61));
        var second = await _receiver.ReceiveMessageAsync(NoWait, Cancellation);

        Assert.Equal(2, second.DeliveryCount);
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, await Reason(_receiver.CompleteMessageAsync(first, Cancellation)));
        await _receiver.CompleteMessageAsync(second, Cancellation);
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, await Reason(_receiver.CompleteMessageAsync(second, Cancellation)));
    }

    [Fact]
    public async Task A_renewed_lock_holds_longer_whatever_the_wall_clock_does()
    {
        await _sender.SendMessageAsync(Message("m"), Cancellation);
        var message = await _receiver.ReceiveMessageAsync(NoWait, Cancellation);

        _time.Advance(TimeSpan.FromSeconds(50));
        await _receiver.RenewMessageLockAsync(message, Cancellation);
        _time.Jump = TimeSpan.FromDays(1);
        _time.Advance(TimeSpan.FromSeconds(50));

        Assert.Null(await _receiver.ReceiveMessageAsync(NoWait, Cancellation));
        await _receiver.CompleteMessageAsync(message, Cancellation);
    }

    [Fact]
    public async Task A_waiting_receiver_is_woken_by_a_message_and_by_the_end_of_a_lock()
    {
        var waiting = _receiver.ReceiveMessageAsync(TimeSpan.FromHours(1), Cancellation);
        await _sender.SendMessageAsync(Message("m"), Cancellation);
        Assert.Equal(1, (await waiting).DeliveryCount);

        waiting = _receiver.ReceiveMessageAsync(TimeSpan.FromHours(1), Cancellation);
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(2, (await waiting).DeliveryCount);

        waiting = _receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(5), Cancellation);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Null(await waiting);
    }

    [Fact]
    public async Task A_message_id_seen_within_the_window_is_dropped_also_after_a_restart()
    {
        await _sender.SendMessageAsync(new ServiceBusMessage("first") { MessageId = "x" }, Cancellation);
        await DieAndReopenAsync();
        await _sender.SendMessageAsync(new ServiceBusMessage("again") { MessageId = "x" }, Cancellation);
        _time.Advance(TimeSpan.FromMinutes(11));
        await _sender.SendMessageAsync(new ServiceBusMessage("much later") { MessageId = "x" }, Cancellation);

        Assert.Equal(["first", "much later"], (await _receiver.ReceiveMessagesAsync(10, NoWait, Cancellation)).Select(m => m.Body.ToString()));
    }

    [Fact]
    public async Task The_second_message_of_a_session_waits_for_the_first_and_other_sessions_do_not()
    {
        await _sender.SendMessagesAsync([Message("a1", "a"), Message("a2", "a"), Message("b1", "b"), Message("free")], Cancellation);

        var taken = await _receiver.ReceiveMessagesAsync(10, NoWait, Cancellation);
        Assert.Equal(["a1", "b1", "free"], taken.Select(m => m.Body.ToString()));

        await _receiver.AbandonMessageAsync(taken[0], cancellationToken: Cancellation);
        var again = await _receiver.ReceiveMessageAsync(NoWait, Cancellation);
        Assert.Equal("a1", again.Body.ToString());
        await _receiver.CompleteMessageAsync(again, Cancellation);
        Assert.Equal("a2", (await _receiver.ReceiveMessageAsync(NoWait, Cancellation)).Body.ToString());
    }

    [Fact]
    public async Task A_dead_letter_that_is_held_keeps_no_other_of_its_session_back()
    {
        await _sender.SendMessagesAsync([Message("a1", "a"), Message("a2", "a")], Cancellation);
        for (var i = 0; i < 2; i++)
            await _receiver.DeadLetterMessageAsync(await _receiver.ReceiveMessageAsync(NoWait, Cancellation), "Broken", "no amount", Cancellation);

        Assert.Equal(["a1", "a2"], (await _dead.ReceiveMessagesAsync(10, NoWait, Cancellation)).Select(m => m.Body.ToString()));
    }

    [Fact]
    public async Task A_dead_letter_carries_the_reason_and_lets_its_session_go_on()
    {
        await _sender.SendMessagesAsync([Message("a1", "a"), Message("a2", "a")], Cancellation);

        await _receiver.DeadLetterMessageAsync(await _receiver.ReceiveMessageAsync(NoWait, Cancellation), "Broken", "no amount", Cancellation);

        Assert.Equal("a2", (await _receiver.ReceiveMessageAsync(NoWait, Cancellation)).Body.ToString());
        var dead = await _dead.ReceiveMessageAsync(NoWait, Cancellation);
        Assert.Equal(("a1", "Broken", "no amount"), (dead.Body.ToString(), dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        await _dead.CompleteMessageAsync(dead, Cancellation);
        Assert.Empty(await _dead.PeekMessagesAsync(10, cancellationToken: Cancellation));
        Assert.False(new ServiceBusMessage(dead).ApplicationProperties.ContainsKey("DeadLetterReason"));
    }

    [Fact]
    public async Task A_deferred_message_is_only_given_to_who_asks_by_its_number_also_after_a_restart()
    {
        await _sender.SendMessageAsync(Message("m"), Cancellation);
        var message = await _receiver.ReceiveMessageAsync(NoWait, Cancellation);
        await _receiver.DeferMessageAsync(message, new Dictionary<string, object> { ["why"] = "early" }, Cancellation);

        await DieAndReopenAsync();

        Assert.Null(await _receiver.ReceiveMessageAsync(NoWait, Cancellation));
        Assert.Equal(ServiceBusMessageState.Deferred, (await _receiver.PeekMessageAsync(cancellationToken: Cancellation)).State);
        var asked = await _receiver.ReceiveDeferredMessageAsync(message.SequenceNumber, Cancellation);
        Assert.Equal("early", asked.ApplicationProperties["why"]);
        await _receiver.CompleteMessageAsync(asked, Cancellation);
        Assert.Equal(ServiceBusFailureReason.MessageNotFound, await Reason(_receiver.ReceiveDeferredMessageAsync(message.SequenceNumber, Cancellation)));
    }

    [Fact]
    public async Task A_scheduled_message_waits_for_its_time_and_an_expired_one_is_never_handed_out()
    {
        await _sender.SendMessageAsync(new ServiceBusMessage("later") { ScheduledEnqueueTime = _time.GetUtcNow().AddMinutes(5) }, Cancellation);
        await _sender.SendMessageAsync(new ServiceBusMessage("short-lived") { TimeToLive = TimeSpan.FromMinutes(1) }, Cancellation);
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Null(await _receiver.ReceiveMessageAsync(NoWait, Cancellation));

        await DieAndReopenAsync();
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("later", (await _receiver.ReceiveMessageAsync(NoWait, Cancellation)).Body.ToString());
        Assert.Single(await _receiver.PeekMessagesAsync(10, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_full_subscription_refuses_and_a_batch_takes_no_more_than_one_transfer()
    {
        using var batch = await _sender.CreateMessageBatchAsync(Cancellation);
        while (batch.Count < 51 && batch.TryAddMessage(new ServiceBusMessage("m")))
        {
        }

        Assert.Equal(ServiceBusFailureReason.QuotaExceeded, await Reason(_sender.SendMessagesAsync(batch, Cancellation)));
        Assert.Null(await _receiver.ReceiveMessageAsync(NoWait, Cancellation));
        Assert.False(batch.TryAddMessage(new ServiceBusMessage(new byte[256 * 1024])));
        Assert.Equal(
            ServiceBusFailureReason.MessageSizeExceeded,
            await Reason(_sender.SendMessageAsync(new ServiceBusMessage(new byte[256 * 1024]), Cancellation)));
    }

    [Fact]
    public async Task A_property_that_cannot_travel_is_named_and_takes_nothing_else_with_it()
    {
        var wrong = new ServiceBusMessage("wrong") { ApplicationProperties = { ["thing"] = new object() } };

        var sends = new[] { _sender.SendMessageAsync(Message("fine"), Cancellation), _sender.SendMessageAsync(wrong, Cancellation) };

        await sends[0];
        Assert.Contains("thing", (await Assert.ThrowsAsync<ArgumentException>(() => sends[1])).Message, StringComparison.Ordinal);
        Assert.Equal(["fine"], (await _receiver.ReceiveMessagesAsync(10, NoWait, Cancellation)).Select(m => m.Body.ToString()));
    }

    [Fact]
    public async Task ReceiveAndDelete_leaves_nothing_to_settle()
    {
        await _sender.SendMessageAsync(Message("m"), Cancellation);
        await using var client = new ServiceBusClient($"Endpoint=sb://{_broker.FullyQualifiedNamespace}/;UseDevelopmentEmulator=true");
        await using var receiver = client.CreateReceiver("topic", "sub", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });

        var message = await receiver.ReceiveMessageAsync(NoWait, Cancellation);

        Assert.Equal("m", message.Body.ToString());
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(message, Cancellation));
        Assert.Empty(await receiver.PeekMessagesAsync(10, cancellationToken: Cancellation));
    }

    private static ServiceBusMessage Message(string body, string? session = null) => new(body) { SessionId = session };

    [Fact]
    public async Task A_session_that_somebody_holds_gives_its_messages_to_nobody_else_until_it_is_let_go()
    {
        await SendAsync("a1:a", "b1:b");
        var holder = Guid.NewGuid();
        var first = await AcceptAsync(holder);
        await SendAsync("a2:a", "a3:a");
        await _receiver.CompleteMessageAsync(first, Cancellation);

        Assert.Equal(["b1"], await BodiesAsync(_receiver));
        Assert.Null(await _broker.NextAsync(Subscription, "a", Guid.NewGuid(), NoWait, Cancellation));
        var second = await NextAsync(holder);
        Assert.Equal("a2", second.Body.ToString());
        Assert.Null(await _broker.NextAsync(Subscription, "a", holder, NoWait, Cancellation)); // one at a time

        await _receiver.AbandonMessageAsync(second, null, Cancellation);
        _broker.LetGo(Subscription, "a", Guid.NewGuid());
        Assert.Empty(await BodiesAsync(_receiver));
        _broker.LetGo(Subscription, "a", holder);
        Assert.Equal(["a2"], await BodiesAsync(_receiver));
    }

    [Fact]
    public async Task A_session_is_lost_with_the_lock_of_its_message_and_goes_on_with_the_next_holder()
    {
        await SendAsync("a1:a", "a2:a");
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await AcceptAsync(first);

        _time.Advance(TimeSpan.FromSeconds(61));
        var again = await AcceptAsync(second);

        Assert.Equal(("a1", 2), (again.Body.ToString(), again.DeliveryCount));
        await _receiver.CompleteMessageAsync(again, Cancellation);
        Assert.Null(await _broker.NextAsync(Subscription, "a", first, NoWait, Cancellation));
        Assert.Equal("a2", (await NextAsync(second)).Body.ToString());
    }

    [Fact]
    public async Task A_session_whose_only_message_was_out_of_date_is_held_by_nobody()
    {
        await _sender.SendMessageAsync(new ServiceBusMessage("a1") { SessionId = "a", TimeToLive = TimeSpan.FromSeconds(1) }, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await _broker.AcceptAsync(Subscription, Guid.NewGuid(), NoWait, Cancellation));

        await SendAsync("a2:a");
        var holder = Guid.NewGuid();
        var message = await AcceptAsync(holder);
        Assert.Equal("a2", message.Body.ToString());
        await _receiver.CompleteMessageAsync(message, Cancellation);

        // Empty, and still held: the next one is the holder's, too.
        await SendAsync("a3:a");
        Assert.Empty(await BodiesAsync(_receiver));
        Assert.Equal("a3", (await NextAsync(holder)).Body.ToString());
    }

    private Task SendAsync(params string[] bodiesAndSessions)
        => _sender.SendMessagesAsync(bodiesAndSessions.Select(m => m.Split(':')).Select(m => new ServiceBusMessage(m[0]) { SessionId = m[1] }), Cancellation);

    private async Task<ServiceBusReceivedMessage> AcceptAsync(Guid holder) => Found(await _broker.AcceptAsync(Subscription, holder, NoWait, Cancellation));

    private async Task<ServiceBusReceivedMessage> NextAsync(Guid holder) => Found(await _broker.NextAsync(Subscription, "a", holder, NoWait, Cancellation));

    private static ServiceBusReceivedMessage Found(ServiceBusReceivedMessage? message)
    {
        Assert.True(message is not null, "There was no message for this holder.");
        return message;
    }

    private static async Task<IEnumerable<string>> BodiesAsync(ServiceBusReceiver receiver) => (await receiver.ReceiveMessagesAsync(10, NoWait, Cancellation)).Select(m => m.Body.ToString());

    private static async Task<ServiceBusFailureReason> Reason(Task task) => (await Assert.ThrowsAsync<ServiceBusException>(() => task)).Reason;

    /// <summary>A new broker on the files as they are on disk now, while the former one still has them open: what kill -9 leaves.</summary>
    private async Task DieAndReopenAsync()
    {
        var left = _folder;
        _folder = Directory.CreateDirectory(Path.Combine(_root, Guid.NewGuid().ToString("N"))).FullName;
        foreach (var file in Directory.GetFiles(left))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        await _broker.DisposeAsync();
        Open();
    }

    private void Open()
    {
        _broker = new Broker($"{Guid.NewGuid():N}.servicebus.localhost", new BrokerOptions { MaxMessages = 50 });
        ServiceBusNamespaces.Register(_broker.FullyQualifiedNamespace, _broker);
        _broker.Open(Path.Combine(_folder, "bus.db"), _time, new SystemIds(_time), new BrokerEntities([], [], [("topic", "sub"), ("topic", "ruled")])
        {
            Rules = [new SubscriptionRule("topic", "ruled", "type", ["mailed"])],
        });
        var client = new ServiceBusClient($"Endpoint=sb://{_broker.FullyQualifiedNamespace}/;UseDevelopmentEmulator=true");
        _sender = client.CreateSender("topic");
        _receiver = client.CreateReceiver("topic", "sub");
        _ruled = client.CreateReceiver("topic", "ruled");
        _dead = client.CreateReceiver("topic", "sub", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
    }

    /// <summary>A wall clock that can be set while the monotonic one goes on.</summary>
    private sealed class JumpingTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
