using Azure.Messaging.ServiceBus;
using Microsoft.Data.Sqlite;

namespace Ear.Local.ServiceBus;

/// <content>How a lock ends. The entry is busy meanwhile; dying here leaves the message on disk as it was, to be delivered again.</content>
internal sealed partial class Broker
{
    /// <summary>Locks whose time is over: the message is tried again, or has been tried often enough.</summary>
    private async Task EndLocksAsync(MessageQueue queue)
    {
        List<MessageQueue.Entry> ended;
        lock (queue)
            ended = queue.Advance(Now);
        foreach (var entry in ended)
            await EndAsync(queue, entry, new Settlement(SettlementKind.Abandon));
    }

    private async Task EndAsync(MessageQueue queue, MessageQueue.Entry entry, Settlement settlement)
    {
        if (settlement.Kind == SettlementKind.Abandon && WornOut(queue, entry))
            settlement = TooManyDeliveries(entry);
        lock (queue)
            MessageQueue.MakeBusy(entry);
        try
        {
            await WriteEndAsync(queue, entry, settlement);
        }
        catch (Exception)
        {
            // Not written, so the message must come back; it does as if its lock had ended.
            lock (queue)
                queue.Release(entry, Now, Now);
            throw;
        }
    }

    private async Task WriteEndAsync(MessageQueue queue, MessageQueue.Entry entry, Settlement settlement)
    {
        var changes = Changes(settlement);
        switch (settlement.Kind)
        {
            case SettlementKind.Complete:
                await WriteAsync(c => MessageTable.Delete(c, entry.Sequence), () => queue.Remove(entry));
                break;
            case SettlementKind.Abandon when changes.Count == 0:
                lock (queue)
                    queue.Release(entry, Now + Ticks(settlement.Delay), Now);
                break;
            case SettlementKind.Abandon:
                await WriteAsync(
                    c => MessageTable.Change(c, entry.Sequence, queue.Path, entry.Deferred, changes),
                    () => queue.Release(entry, Now + Ticks(settlement.Delay), Now));
                break;
            case SettlementKind.Defer:
                await WriteAsync(c => MessageTable.Change(c, entry.Sequence, queue.Path, true, changes), () => queue.Defer(entry));
                break;
            case SettlementKind.DeadLetter:
                await BuryAsync(queue, entry, changes);
                break;
        }

        async Task WriteAsync(Action<SqliteConnection> work, Action committed) => await Writer.WriteAsync(
            connection =>
            {
                work(connection);
                return true;
            },
            _ =>
            {
                lock (queue)
                    committed();
            });
    }

    private async Task BuryAsync(MessageQueue queue, MessageQueue.Entry entry, Dictionary<string, object> changes)
    {
        var graveyard = Queue(EntityPaths.DeadLettersOf(EntityPaths.SourceOf(queue.Path)));
        await Writer.WriteAsync(
            connection =>
            {
                MessageTable.Change(connection, entry.Sequence, graveyard.Path, false, changes);
                return true;
            },
            _ =>
            {
                lock (queue)
                    queue.Remove(entry);
                lock (graveyard)
                    graveyard.Add(new MessageQueue.Entry(entry.Sequence, entry.SessionId, entry.Deliveries), Now);
            });
    }

    private bool WornOut(MessageQueue queue, MessageQueue.Entry entry) =>
        entry.Deliveries >= Options.MaxDeliveryCount && !EntityPaths.IsDeadLetters(queue.Path);

    private static Settlement TooManyDeliveries(MessageQueue.Entry entry) => new(
        SettlementKind.DeadLetter, null, "MaxDeliveryCountExceeded", $"Message could not be consumed after {entry.Deliveries} delivery attempts.");

    private static Dictionary<string, object> Changes(Settlement settlement)
    {
        var changes = settlement.Properties is null ? [] : new Dictionary<string, object>(settlement.Properties);
        if (settlement.DeadLetterReason is { } reason)
            changes[ServiceBusReceivedMessage.DeadLetterReasonKey] = reason;
        if (settlement.DeadLetterErrorDescription is { } description)
            changes[ServiceBusReceivedMessage.DeadLetterErrorDescriptionKey] = description;
        return changes;
    }

    /// <summary>The entry whose lock this message still has.</summary>
    private MessageQueue.Entry Held(MessageQueue queue, ServiceBusReceivedMessage message) =>
        message.LockTokenGuid != Guid.Empty && queue.Find(message.SequenceNumber) is { } entry && entry.Token == message.LockTokenGuid && entry.LockedUntil > Now
            ? entry
            : throw new ServiceBusException(
                "The lock of this message is over: it was settled already, or held too long.", ServiceBusFailureReason.MessageLockLost, queue.Path);
}
