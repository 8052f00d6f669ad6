using System.Net;
using System.Net.Sockets;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;
using Amqp.Listener;
using Amqp.Sasl;
using Amqp.Types;
using Ear.Alerts;

namespace Ear.CloudBuild.Tests.ServiceBus;

/// <summary>
/// As much of a Service Bus namespace as the official client asks of one when it publishes, reads and replays: SASL by MSSBCBS, tokens at
/// <c>$cbs</c>, batches, duplicates, locks, dead letters, peeking at <c>$management</c>. On a port of this machine, in memory, without sessions' locks.
/// </summary>
internal sealed class AmqpNamespace : IAsyncDisposable
{
    public const long LargestMessage = 262_144;

    private readonly Lock _lock = new();
    private readonly ContainerHost _host;
    private readonly Dictionary<string, AmqpEntity> _entities = [];
    private readonly Dictionary<string, DateTimeOffset> _seen = [];
    private readonly TimeProvider _time;
    private readonly string _topic;

    private AmqpNamespace(string topic, IEnumerable<Subscription> subscriptions, int port, TimeProvider time)
    {
        _topic = topic;
        _time = time;
        ConnectionString = $"Endpoint=sb://127.0.0.1:{port};SharedAccessKeyName=test;SharedAccessKey=dGVzdA==;UseDevelopmentEmulator=true;";
        _host = new ContainerHost(new Address($"amqp://127.0.0.1:{port}"));
        var listener = _host.Listeners[0];
        listener.SASL.EnableMechanism("MSSBCBS", SaslProfile.Anonymous);
        listener.HandlerFactory = _ => new LockTokens();
        _host.RegisterRequestProcessor("$cbs", new Tokens(this));
        foreach (var subscription in subscriptions)
        {
            var active = new AmqpEntity($"{topic}/Subscriptions/{subscription.Name}", subscription.Types, time);
            Add(active);
            Add(active.DeadLetters!);
        }
        _host.RegisterLinkProcessor(new Links(this));
    }

    public string ConnectionString { get; }

    /// <summary>Who was asked for, in the order of the tokens: the audience is the entity.</summary>
    public List<string> Audiences { get; } = [];

    /// <summary>Each transfer as it came in, repeats included.</summary>
    public List<IReadOnlyList<Message>> Transfers { get; } = [];

    /// <summary>Asked with the number of transfers so far, this one included: whether its answer arrives. Otherwise the connection ends, with the transfer taken.</summary>
    public Func<int, bool> Answers { get; set; } = _ => true;

    public static AmqpNamespace Start(string topic, IEnumerable<Subscription> subscriptions, TimeProvider time)
    {
        var bus = new AmqpNamespace(topic, subscriptions, FreePort(), time);
        bus._host.Open();
        return bus;
    }

    public AmqpEntity Subscription(string name) => _entities[$"{_topic}/Subscriptions/{name}"];

    public ValueTask DisposeAsync()
    {
        _host.Close();
        return ValueTask.CompletedTask;
    }

    private void Add(AmqpEntity entity)
    {
        _entities.Add(entity.Path, entity);
        _host.RegisterRequestProcessor($"{entity.Path}/$management", new Peeking(entity));
    }

    private bool Take(Message transfer)
    {
        var messages = transfer.BodySection switch
        {
            // A batch: each part is a whole message, encoded.
            DataList parts => Enumerable.Range(0, parts.Count).Select(i => Message.Decode(new ByteBuffer(parts[i].Binary, 0, parts[i].Binary.Length, parts[i].Binary.Length))).ToList(),
            Data part when transfer.Format != 0 => [Message.Decode(new ByteBuffer(part.Binary, 0, part.Binary.Length, part.Binary.Length))],
            _ => [transfer],
        };
        lock (_lock)
        {
            Transfers.Add(messages);
            foreach (var message in messages.Where(m => !IsRepeat(m.Properties.MessageId)))
            {
                foreach (var entity in _entities.Values.Where(e => e.DeadLetters is not null))
                    entity.Put(message);
            }
            return Answers(Transfers.Count);
        }
    }

    private bool IsRepeat(string id)
    {
        var now = _time.GetUtcNow();
        if (_seen.TryGetValue(id, out var before) && now - before <= EventsTopic.DuplicateWindow)
            return true;
        _seen[id] = now;
        return false;
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    /// <summary>The client takes the tag of a delivery for its lock's token, and asks for 16 bytes.</summary>
    private sealed class LockTokens : IHandler
    {
        public bool CanHandle(Amqp.Handler.EventId id) => id is Amqp.Handler.EventId.SendDelivery;

        public void Handle(Event protocolEvent)
        {
            if (protocolEvent.Context is IDelivery delivery)
                delivery.Tag = Guid.NewGuid().ToByteArray();
        }
    }

    private sealed class Tokens(AmqpNamespace bus) : IRequestProcessor
    {
        public int Credit => 100;

        public void Process(RequestContext requestContext)
        {
            var asked = requestContext.Message.ApplicationProperties;
            lock (bus._lock)
                bus.Audiences.Add(new Uri((string)asked["name"]).AbsolutePath.Trim('/'));
            requestContext.Complete(new Message
            {
                Properties = new Properties { CorrelationId = requestContext.Message.Properties.MessageId },
                ApplicationProperties = new ApplicationProperties { ["status-code"] = 202, ["status-description"] = "Accepted" },
            });
        }
    }

    private sealed class Links(AmqpNamespace bus) : ILinkProcessor
    {
        public void Process(AttachContext attachContext)
        {
            // True: the client receives.
            if (attachContext.Attach.Role)
                Receiving(attachContext, ((Source)attachContext.Attach.Source).Address.Trim('/'));
            else
                Sending(attachContext, ((Target)attachContext.Attach.Target).Address.Trim('/'));
        }

        private void Receiving(AttachContext link, string path)
        {
            if (bus._entities.TryGetValue(path, out var entity))
                link.Complete(new Reader(entity), 0);
            else
                link.Complete(new Error(ErrorCode.NotFound) { Description = path });
        }

        private void Sending(AttachContext link, string path)
        {
            link.Attach.MaxMessageSize = (ulong)LargestMessage;
            if (path == bus._topic)
                link.Complete(new Writer(bus), 100);
            else
                link.Complete(new Error(ErrorCode.NotFound) { Description = path });
        }
    }

    private sealed class Writer(AmqpNamespace bus) : LinkEndpoint
    {
        public override void OnMessage(MessageContext messageContext)
        {
            if (bus.Take(messageContext.Message))
                messageContext.Complete();
            else
                _ = messageContext.Link.Session.Connection.CloseAsync(TimeSpan.Zero, new Error(ErrorCode.ConnectionForced) { Description = "The answer is lost." });
        }

        public override void OnFlow(FlowContext flowContext)
        {
        }

        public override void OnDisposition(DispositionContext dispositionContext) => dispositionContext.Complete();
    }

    private sealed class Reader(AmqpEntity entity) : LinkEndpoint
    {
        private readonly Dictionary<Message, AmqpEntity.Kept> _locked = [];

        public override void OnMessage(MessageContext messageContext) => messageContext.Complete(new Error(ErrorCode.NotAllowed));

        public override void OnFlow(FlowContext flowContext)
        {
            for (var i = 0; i < flowContext.Messages && entity.Lock() is { } kept; i++)
            {
                var copy = kept.Copy();
                lock (_locked)
                    _locked.Add(copy, kept);
                flowContext.Link.SendMessage(copy);
            }
            if (flowContext.Link.IsDraining)
                flowContext.Link.CompleteDrain();
        }

        public override void OnDisposition(DispositionContext dispositionContext)
        {
            AmqpEntity.Kept? kept;
            lock (_locked)
                _locked.Remove(dispositionContext.Message, out kept);
            if (kept is not null)
                entity.Settle(kept, dispositionContext.DeliveryState);
            dispositionContext.Complete();
        }

        public override void OnLinkClosed(ListenerLink link, Error error)
        {
            lock (_locked)
            {
                foreach (var kept in _locked.Values)
                    entity.Settle(kept, new Released());
                _locked.Clear();
            }
        }
    }

    private sealed class Peeking(AmqpEntity entity) : IRequestProcessor
    {
        public int Credit => 100;

        public void Process(RequestContext requestContext)
        {
            var asked = (Map)requestContext.Message.Body;
            var seen = requestContext.Message.ApplicationProperties["operation"] is "com.microsoft:peek-message"
                ? entity.Peek(Convert.ToInt64(asked["from-sequence-number"]), Convert.ToInt32(asked["message-count"]))
                : throw new NotSupportedException($"{requestContext.Message.ApplicationProperties["operation"]}");
            var answer = new List();
            foreach (var kept in seen)
                answer.Add(new Map { ["message"] = Bytes(kept.Copy()) });
            requestContext.Complete(new Message(new Map { ["messages"] = answer })
            {
                Properties = new Properties { CorrelationId = requestContext.Message.Properties.MessageId },
                ApplicationProperties = new ApplicationProperties { ["statusCode"] = answer.Count == 0 ? 204 : 200, ["statusDescription"] = "OK" },
            });
        }

        private static byte[] Bytes(Message message)
        {
            var buffer = message.Encode();
            return buffer.Buffer[buffer.Offset..(buffer.Offset + buffer.Length)];
        }
    }
}
