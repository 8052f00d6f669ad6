using Azure.Messaging.ServiceBus;
using Microsoft.Data.Sqlite;

namespace Ear.Local.ServiceBus;

/// <summary>
/// The Service Bus namespace of one host: topics, subscriptions and queues on one SQLite file. A message is on disk before
/// its sender is told, and leaves the disk only when it is settled; so each is delivered at least once, also across kill -9.
/// Entities are declared by the host, never by sending.
/// </summary>
internal sealed partial class Broker(string fullyQualifiedNamespace, BrokerOptions options) : IServiceBusTransport, IAsyncDisposable
{
    private readonly Dictionary<string, MessageQueue> _queues = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, MessageQueue[]> _topics = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, SubscriptionRule> _rules = new(StringComparer.OrdinalIgnoreCase);
    private SqliteConnection? _connection;
    private GroupCommit? _writer;
    private TimeProvider _time = TimeProvider.System;
    private IIds? _ids;

    public string FullyQualifiedNamespace { get; } = fullyQualifiedNamespace;

    public BrokerOptions Options { get; } = options;

    private GroupCommit Writer => _writer ?? throw new InvalidOperationException("The Service Bus of this host has not been opened yet.");

    private IIds Ids => _ids ?? throw new InvalidOperationException("The Service Bus of this host has not been opened yet.");

    private long Now => _time.GetTimestamp();

    /// <summary>Once, before the app runs: with everything that exists, and what a former run left in it.</summary>
    public void Open(string path, TimeProvider time, IIds ids, BrokerEntities entities)
    {
        _time = time;
        _ids = ids;
        _connection = MessageTable.Open(path);
        foreach (var queue in entities.Queues)
            Declare(queue);
        foreach (var topic in entities.Topics)
            _topics.TryAdd(topic, []);
        foreach (var (topic, subscription) in entities.Subscriptions)
            _topics[topic] = [.. _topics.GetValueOrDefault(topic, []), Declare(EntityPaths.Subscription(topic, subscription))];
        foreach (var rule in entities.Rules)
            _rules.Add(EntityPaths.Subscription(rule.Topic, rule.Subscription), rule);
        _writer = new GroupCommit(_connection);
    }

    public async Task SendAsync(string entityPath, IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var throughTopic = _topics.TryGetValue(entityPath, out var subscriptions);
        MessageQueue[] targets = throughTopic ? subscriptions! : [Queue(entityPath)];
        foreach (var target in targets)
            if (CountOf(target) + messages.Count > Options.MaxMessages)
                throw new ServiceBusException($"It holds {CountOf(target)} messages; {Options.MaxMessages} is the limit.", ServiceBusFailureReason.QuotaExceeded, target.Path);
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        await Writer.WriteAsync(
            connection =>
            {
                var stored = new List<(MessageQueue, StoredMessage)>();
                foreach (var message in messages)
                {
                    if (message.MessageId is { } id && !MessageTable.Remember(connection, entityPath, id, now, Options.DuplicateWindow))
                        continue;
                    foreach (var target in targets.Where(t => !throughTopic || Hears(t, message)))
                        stored.Add((target, MessageTable.Insert(connection, target.Path, message, message.MessageId ?? Ids.NewGuid().ToString("N"), now)));
                }

                return stored;
            },
            stored =>
            {
                foreach (var (target, message) in stored)
                    lock (target)
                        target.Add(Entry(message), Now);
            });
    }

    public Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(
        string entityPath, int maxMessages, TimeSpan maxWait, ServiceBusReceiveMode mode, CancellationToken cancellationToken)
        => TakeAsync(entityPath, maxMessages, maxWait, mode, Guid.Empty, null, cancellationToken);

    /// <summary>
    /// The next message of no session that somebody holds; null after <paramref name="maxWait"/>. Its session is <paramref name="holder"/>'s until
    /// <see cref="LetGo"/>, or until the lock of one of its messages runs out: nobody else gets a message of it meanwhile.
    /// </summary>
    public async Task<ServiceBusReceivedMessage?> AcceptAsync(string entityPath, Guid holder, TimeSpan maxWait, CancellationToken cancellation)
        => await TakeAsync(entityPath, 1, maxWait, ServiceBusReceiveMode.PeekLock, holder, null, cancellation) is [var one] ? one : null;

    /// <summary>The next message of a session that <paramref name="holder"/> has; null after <paramref name="maxWait"/>.</summary>
    public async Task<ServiceBusReceivedMessage?> NextAsync(string entityPath, string sessionId, Guid holder, TimeSpan maxWait, CancellationToken cancellation)
        => await TakeAsync(entityPath, 1, maxWait, ServiceBusReceiveMode.PeekLock, holder, sessionId, cancellation) is [var one] ? one : null;

    public void LetGo(string entityPath, string sessionId, Guid holder)
    {
        var queue = Queue(entityPath);
        lock (queue)
            queue.LetGo(sessionId, holder);
    }

    private async Task<IReadOnlyList<ServiceBusReceivedMessage>> TakeAsync(
        string entityPath, int maxMessages, TimeSpan maxWait, ServiceBusReceiveMode mode, Guid holder, string? session, CancellationToken cancellationToken)
    {
        var queue = Queue(entityPath);
        var started = Now;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (EntityPaths.IsDeadLetters(entityPath))
                await EndLocksAsync(Queue(EntityPaths.SourceOf(entityPath)));
            await EndLocksAsync(queue);
            Task changed;
            TimeSpan? next;
            List<MessageQueue.Entry> taken = [];
            lock (queue)
            {
                changed = queue.Changed;
                while (taken.Count < maxMessages && queue.Take(session, holder, Ids.NewGuid(), Now + Ticks(Options.LockDuration)) is { } entry)
                    taken.Add(entry);
                next = queue.NextChange() is { } at ? TimeSpan.FromTicks(Math.Max(1, _time.GetElapsedTime(Now, at).Ticks)) : null;
            }

            if (taken.Count > 0 && await HandOutAsync(queue, taken, mode) is { Count: > 0 } messages)
                return messages;
            if (session is null && taken is [{ SessionId: { } emptied }] && holder != Guid.Empty)
                LetGo(entityPath, emptied, holder); // what there was of it is out of date or worn out
            var left = maxWait - _time.GetElapsedTime(started);
            if (taken.Count == 0 && left <= TimeSpan.Zero)
                return [];
            if (taken.Count == 0)
                await WaitAsync(changed, next < left ? next.Value : left, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredAsync(
        string entityPath, IReadOnlyList<long> sequenceNumbers, ServiceBusReceiveMode mode, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = Queue(entityPath);
        await EndLocksAsync(queue);
        var taken = new List<MessageQueue.Entry>();
        lock (queue)
        {
            foreach (var number in sequenceNumbers)
                taken.Add(queue.Find(number) is { Deferred: true } entry && entry.Token == Guid.Empty
                    ? entry
                    : throw new ServiceBusException($"No deferred message has the number {number}.", ServiceBusFailureReason.MessageNotFound, entityPath));
            foreach (var entry in taken)
                queue.Lock(entry, Ids.NewGuid(), Now + Ticks(Options.LockDuration));
        }

        return await HandOutAsync(queue, taken, mode);
    }

    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(
        string entityPath, int maxMessages, long fromSequenceNumber, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = Queue(entityPath);
        var found = await Writer.WriteAsync(connection => MessageTable.Peek(connection, queue.Path, fromSequenceNumber, maxMessages));
        return [.. found.Select(m => m.ToReceived(Guid.Empty, default))];
    }

    public async Task SettleAsync(
        string entityPath, ServiceBusReceivedMessage message, Settlement settlement, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = Queue(entityPath);
        MessageQueue.Entry entry;
        lock (queue)
            entry = Held(queue, message);
        await EndAsync(queue, entry, settlement);
    }

    public Task<DateTimeOffset> RenewLockAsync(string entityPath, ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = Queue(entityPath);
        lock (queue)
            Held(queue, message).LockedUntil = Now + Ticks(Options.LockDuration);
        return Task.FromResult(_time.GetUtcNow() + Options.LockDuration);
    }

    public async ValueTask DisposeAsync()
    {
        ServiceBusNamespaces.Remove(FullyQualifiedNamespace);
        if (_writer is not null)
            await _writer.DisposeAsync();
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    private bool Hears(MessageQueue subscription, ServiceBusMessage message) => !_rules.TryGetValue(subscription.Path, out var rule) || rule.Hears(message);

    private MessageQueue Queue(string path)
    {
        if (_queues.TryGetValue(path, out var queue))
            return queue;
        var what = _topics.ContainsKey(path) ? "A topic is received from through one of its subscriptions." : "No such queue, topic or subscription.";
        throw new ServiceBusException(what, ServiceBusFailureReason.MessagingEntityNotFound, path);
    }

    private MessageQueue Declare(string path)
    {
        foreach (var each in (string[])[EntityPaths.DeadLettersOf(path), path])
        {
            var queue = _queues[each] = new MessageQueue(each);
            foreach (var message in MessageTable.Load(_connection!, each))
                queue.Add(Entry(message), Now);
        }

        return _queues[path];
    }

    /// <summary>Counts the delivery on disk, then gives the messages away; those that are worn out or out of date go where they belong instead.</summary>
    private async Task<IReadOnlyList<ServiceBusReceivedMessage>> HandOutAsync(
        MessageQueue queue, IReadOnlyList<MessageQueue.Entry> taken, ServiceBusReceiveMode mode)
    {
        var messages = new List<ServiceBusReceivedMessage>(taken.Count);
        foreach (var entry in taken)
        {
            var token = entry.Token;
            if (entry.ExpiresAt <= _time.GetUtcNow())
                await EndAsync(queue, entry, new Settlement(SettlementKind.Complete));
            else if (WornOut(queue, entry))
                await EndAsync(queue, entry, TooManyDeliveries(entry));
            else if (mode == ServiceBusReceiveMode.ReceiveAndDelete)
                messages.Add(await TakeAwayAsync(queue, entry));
            else
                messages.Add((await Writer.WriteAsync(
                    connection => MessageTable.CountDelivery(connection, entry.Sequence),
                    message => entry.Deliveries = message.Deliveries)).ToReceived(token, _time.GetUtcNow() + Options.LockDuration));
        }

        return messages;
    }

    private Task<ServiceBusReceivedMessage> TakeAwayAsync(MessageQueue queue, MessageQueue.Entry entry) => Writer.WriteAsync(
        connection =>
        {
            var message = MessageTable.CountDelivery(connection, entry.Sequence).ToReceived(Guid.Empty, default);
            MessageTable.Delete(connection, entry.Sequence);
            return message;
        },
        _ =>
        {
            lock (queue)
                queue.Remove(entry);
        });

    private MessageQueue.Entry Entry(StoredMessage message) => new(message.Sequence, message.SessionId, message.Deliveries)
    {
        Deferred = message.Deferred,
        ExpiresAt = StoredMessage.TimeOf(message.ExpiresAt),
        NotBefore = message.IsScheduled ? Now + Ticks(StoredMessage.TimeOf(message.ScheduledAt) - _time.GetUtcNow()) : 0,
    };

    private int CountOf(MessageQueue queue)
    {
        var dead = _queues.GetValueOrDefault(EntityPaths.DeadLettersOf(queue.Path))?.Count ?? 0;
        lock (queue)
            return queue.Count + dead;
    }

    private async Task WaitAsync(Task changed, TimeSpan time, CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(changed, Task.Delay(time, _time, enough.Token));
        await enough.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
