using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Telemetry;

namespace Ear.Providers.ServiceBus;

/// <summary>
/// One event as a message. MessageId: event id (duplicates are dropped by it); SessionId: project id (order per project); Subject: event
/// type; application properties <c>type</c>, <c>project</c>, <c>sequence</c>, <c>hash</c>, and <c>cluster</c> where it has one, for subscription
/// filters; <c>traceparent</c> and <c>Diagnostic-Id</c>, where its cause was traced, for whoever goes on from there; body: JSON of the <see cref="ProjectEvent"/>.
/// </summary>
internal static class EventMessage
{
    public static ServiceBusMessage Of(ChainedEvent chained)
    {
        using var span = EarTraces.GoOn(chained.Event.Trace, $"announce {chained.Event.Type}", ActivityKind.Producer);
        return Message(chained, chained.Event);
    }

    /// <summary>For an event too large for any transfer: without its details, marked <c>truncated</c>; the details are read through the API by the event's id.</summary>
    public static ServiceBusMessage WithoutDetails(ChainedEvent chained)
    {
        var message = Message(chained, chained.Event with { Details = ImmutableSortedDictionary<string, string>.Empty });
        message.ApplicationProperties["truncated"] = true;
        return message;
    }

    private static ServiceBusMessage Message(ChainedEvent chained, ProjectEvent @event)
    {
        var message = new ServiceBusMessage(new BinaryData(JsonSerializer.SerializeToUtf8Bytes(@event, EarJson.Options)))
        {
            MessageId = @event.Id.Value,
            SessionId = @event.ProjectId.Value,
            Subject = @event.Type,
            ContentType = "application/json",
        };
        message.ApplicationProperties[Subscription.TypeProperty] = @event.Type;
        message.ApplicationProperties["project"] = @event.ProjectId.Value;
        message.ApplicationProperties["sequence"] = chained.Sequence;
        message.ApplicationProperties["hash"] = chained.Hash;
        // Both names: the W3C's, and the one that Azure's clients and the Functions host look for.
        if ((EarTraces.Here ?? @event.Trace) is { } trace)
            message.ApplicationProperties[EarTraces.TraceParent] = message.ApplicationProperties[EarTraces.MessageProperty] = trace;
        if (@event.ClusterName is { } cluster)
            message.ApplicationProperties["cluster"] = cluster;
        return message;
    }
}
