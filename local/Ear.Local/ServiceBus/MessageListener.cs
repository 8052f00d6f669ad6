using System.Reflection;
using Azure.Messaging.ServiceBus;
using Ear.Local.Host;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.ServiceBus;

/// <summary>
/// Runs one function for the messages of its queue or subscription, so many at a time as host.json says. A message whose
/// function fails is abandoned and comes back later, each time later; after the last delivery it is a dead letter.
/// With sessions, it is so many sessions at a time: one is worked off message by message, and its place is free again only when it had
/// none for a while, as with Azure's session processor.
/// </summary>
internal sealed class MessageListener(
    FunctionInvoker function, string path, Broker broker, HostJson hostJson, IServiceProvider services, TimeProvider time, IIds ids, ILogger<MessageListener> log)
    : BackgroundService
{
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(30);

    private readonly string _name = function.Function.Name;
    private readonly bool _autoComplete = AutoComplete(function.Function, hostJson);
    private readonly bool _sessions = function.Function.Attribute<ServiceBusTriggerAttribute>().IsSessionsEnabled;
    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, function.Stopping);
        await using var client = new ServiceBusClient($"Endpoint=sb://{broker.FullyQualifiedNamespace}");
        await using var receiver = new ServiceBusReceiver(client, path, new ServiceBusReceiverOptions());
        using var slots = new SemaphoreSlim(_sessions ? hostJson.MaxConcurrentSessions : hostJson.MaxConcurrentCalls);
        var running = new HashSet<Task>();
        try
        {
            while (true)
            {
                await slots.WaitAsync(stopping.Token);
                running.RemoveWhere(t => t.IsCompleted);
                var holder = _sessions ? ids.NewGuid() : Guid.Empty;
                if (await ReceiveAsync(holder, stopping.Token) is { } message)
                    running.Add(WorkOffAsync(receiver, message, holder, slots, stopping.Token));
                else
                    slots.Release();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping: nothing new is taken, what runs is waited for.
        }

        await Task.WhenAll(running);
    }

    /// <summary>Null when there was none for a while, or when the broker could not say; the second is waited out.</summary>
    private async Task<ServiceBusReceivedMessage?> ReceiveAsync(Guid holder, CancellationToken stopping)
    {
        try
        {
            var message = await broker.AcceptAsync(path, holder, LongWait, stopping);
            _failures = 0;
            return message;
        }
        catch (SqliteException e)
        {
            ServiceBusLog.NotReceived(log, _name, path, e);
            await Task.Delay(Backoff(++_failures), time, stopping);
            return null;
        }
    }

    /// <summary>A message, and what follows it in its session.</summary>
    private async Task WorkOffAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage first, Guid holder, SemaphoreSlim slots, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            for (var message = first; message is not null; message = await NextAsync(first.SessionId, holder, stopping))
                await HandleAsync(receiver, message);
        }
        finally
        {
            if (first.SessionId is { } session)
                broker.LetGo(path, session, holder);
            slots.Release();
        }
    }

    /// <summary>Of the same session; null when it had none for a while, or when there is no session.</summary>
    private async Task<ServiceBusReceivedMessage?> NextAsync(string? session, Guid holder, CancellationToken stopping)
    {
        if (session is null || holder == Guid.Empty)
            return null;
        try
        {
            return await broker.NextAsync(path, session, holder, hostJson.SessionIdleTimeout, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (SqliteException e)
        {
            ServiceBusLog.NotReceived(log, _name, path, e);
            return null;
        }
    }

    private async Task HandleAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message)
    {
        using var over = new CancellationTokenSource();
        var renewing = RenewAsync(receiver, message, over.Token);
        try
        {
            await RunAsync(receiver, message);
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageLockLost)
        {
            ServiceBusLog.LockLost(log, _name, message.MessageId, e);
        }
        catch (Exception e)
        {
            ServiceBusLog.NotSettled(log, _name, message.MessageId, e);
        }
        finally
        {
            await over.CancelAsync();
            await renewing;
        }
    }

    private async Task RunAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message)
    {
        var actions = new TrackedActions(receiver);
        try
        {
            await function.InvokeAsync(services, new Delivery(message, actions), Describe(message));
        }
        catch (Exception e)
        {
            ServiceBusLog.FunctionFailed(log, _name, message.MessageId, message.DeliveryCount, e);
            if (!actions.Settled)
                await broker.SettleAsync(path, message, new Settlement(SettlementKind.Abandon) { Delay = Backoff(message.DeliveryCount) }, CancellationToken.None);
            return;
        }

        if (_autoComplete && actions.Settled)
            ServiceBusLog.SettledTwice(log, _name);
        else if (_autoComplete)
            await receiver.CompleteMessageAsync(message);
    }

    /// <summary>Keeps the lock while the function runs; gives up after a time, so that a function that hangs does not hold its message for ever.</summary>
    private async Task RenewAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message, CancellationToken over)
    {
        var started = time.GetTimestamp();
        try
        {
            while (time.GetElapsedTime(started) < broker.Options.MaxLockRenewal)
            {
                await Task.Delay(broker.Options.LockDuration / 2, time, over);
                await receiver.RenewMessageLockAsync(message, over);
            }
        }
        catch (OperationCanceledException)
        {
            // The function is done.
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageLockLost)
        {
            // Settled by the function while it goes on, or lost; in the second case settling says so.
        }
    }

    /// <summary>Doubles with each attempt up to the longest wait; between half and all of that, so that failures together do not retry together.</summary>
    private TimeSpan Backoff(int attempts)
    {
        var full = broker.Options.RetryDelay.TotalSeconds * Math.Pow(2, Math.Min(attempts, 20) - 1);
        return TimeSpan.FromSeconds(Math.Min(full, broker.Options.MaxRetryDelay.TotalSeconds) * (0.5 + (ids.NextDouble() / 2)));
    }

    private static Dictionary<string, object?> Describe(ServiceBusReceivedMessage message) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["MessageId"] = message.MessageId,
        ["DeliveryCount"] = message.DeliveryCount,
        ["SequenceNumber"] = message.SequenceNumber,
        ["EnqueuedTimeUtc"] = message.EnqueuedTime.UtcDateTime,
        ["SessionId"] = message.SessionId,
        ["CorrelationId"] = message.CorrelationId,
        ["Subject"] = message.Subject,
    };

    /// <summary>host.json decides for attributes that do not say; the property alone cannot tell "true" from "not set".</summary>
    private static bool AutoComplete(FunctionDescriptor function, HostJson hostJson) =>
        function.TriggerParameter.CustomAttributes
            .Where(a => a.AttributeType == typeof(ServiceBusTriggerAttribute))
            .SelectMany(a => a.NamedArguments)
            .Where(a => a.MemberName == nameof(ServiceBusTriggerAttribute.AutoCompleteMessages))
            .Select(a => (bool)a.TypedValue.Value!)
            .DefaultIfEmpty(hostJson.AutoCompleteMessages)
            .First();

    /// <summary>Remembers that the function settled its message itself.</summary>
    private sealed class TrackedActions(ServiceBusReceiver receiver) : ServiceBusMessageActions(receiver)
    {
        public bool Settled { get; private set; }

        public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
            Track(base.CompleteMessageAsync(message, cancellationToken));

        public override Task AbandonMessageAsync(
            ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
            Track(base.AbandonMessageAsync(message, propertiesToModify, cancellationToken));

        public override Task DeadLetterMessageAsync(
            ServiceBusReceivedMessage message,
            Dictionary<string, object>? propertiesToModify = null,
            string? deadLetterReason = null,
            string? deadLetterErrorDescription = null,
            CancellationToken cancellationToken = default) =>
            Track(base.DeadLetterMessageAsync(message, propertiesToModify, deadLetterReason, deadLetterErrorDescription, cancellationToken));

        public override Task DeferMessageAsync(
            ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
            Track(base.DeferMessageAsync(message, propertiesToModify, cancellationToken));

        private async Task Track(Task settling)
        {
            await settling;
            Settled = true;
        }
    }
}
