using System.Collections.Immutable;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Ear.Alerts;

namespace Ear.CloudBuild.Tests.ServiceBus;

/// <summary>A subscription, or its dead letters: messages in their order, locked while a reader has them.</summary>
internal sealed class AmqpEntity
{
    public const int MostDeliveries = 10;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, Kept> _kept = [];
    private readonly ImmutableArray<string> _types;
    private readonly TimeProvider _time;
    private long _sequence;

    public AmqpEntity(string path, ImmutableArray<string> types, TimeProvider time, bool dead = false)
    {
        Path = path;
        _types = types;
        _time = time;
        DeadLetters = dead ? null : new AmqpEntity($"{path}/$DeadLetterQueue", [], time, dead: true);
    }

    public string Path { get; }

    /// <summary>Null: these are dead letters.</summary>
    public AmqpEntity? DeadLetters { get; }

    public int Count
    {
        get
        {
            lock (_lock)
                return _kept.Count;
        }
    }

    public void Put(Message message)
    {
        if (!_types.IsEmpty && !_types.Contains((string)message.ApplicationProperties[Subscription.TypeProperty]))
            return;
        lock (_lock)
        {
            var kept = new Kept(++_sequence, message, _time.GetUtcNow());
            _kept.Add(kept.Sequence, kept);
        }
    }

    /// <summary>The first that nobody has; null when there is none.</summary>
    public Kept? Lock()
    {
        lock (_lock)
        {
            if (_kept.Values.FirstOrDefault(k => !k.Locked) is not { } free)
                return null;
            free.Locked = true;
            return free;
        }
    }

    public IReadOnlyList<Kept> Peek(long from, int count)
    {
        lock (_lock)
            return [.. _kept.Values.Where(k => k.Sequence >= from).Take(count)];
    }

    public void Settle(Kept kept, DeliveryState how)
    {
        lock (_lock)
        {
            kept.Locked = false;
            if (how is Modified)
                kept.Deliveries++;
            if (how is Accepted or Rejected || (DeadLetters is not null && kept.Deliveries >= MostDeliveries))
                _kept.Remove(kept.Sequence);
            if (DeadLetters is not null && (how is Rejected || kept.Deliveries >= MostDeliveries))
                DeadLetters.Put(Dead(kept, (how as Rejected)?.Error));
        }
    }

    private static Message Dead(Kept kept, Error? error)
    {
        var dead = kept.Copy();
        dead.ApplicationProperties["DeadLetterReason"] = error?.Info?["DeadLetterReason"] ?? "MaxDeliveryCountExceeded";
        return dead;
    }

    internal sealed class Kept(long sequence, Message message, DateTimeOffset since)
    {
        public long Sequence => sequence;

        public bool Locked { get; set; }

        public uint Deliveries { get; set; }

        /// <summary>As it goes out: with what the broker says of it.</summary>
        public Message Copy()
        {
            var encoded = message.Encode();
            var copy = Message.Decode(new ByteBuffer(encoded.Buffer, encoded.Offset, encoded.Length, encoded.Length));
            copy.Header = new Header { DeliveryCount = Deliveries };
            copy.MessageAnnotations = new MessageAnnotations
            {
                [new Symbol("x-opt-sequence-number")] = sequence,
                [new Symbol("x-opt-enqueued-time")] = since.UtcDateTime,
                [new Symbol("x-opt-locked-until")] = since.UtcDateTime.AddMinutes(5),
            };
            return copy;
        }
    }
}
