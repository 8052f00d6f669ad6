using System.Diagnostics;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Alerts;

/// <summary>The subscription <c>webhook</c> of the events' topic: the webhooks that a configuration names hear of its alert. A project is a session, so a receiver that does not answer holds up its own project only.</summary>
public sealed class PostToWebhooks(AlertWebhooks webhooks, ILogger<PostToWebhooks> logger)
{
    /// <summary>A receiver that is away throws, and the message is delivered again; whoever took it already is not told twice.</summary>
    [Function(nameof(PostToWebhooks))]
    public async Task Run([ServiceBusTrigger("%EventsTopic%", EventsTopic.WebhookName, IsSessionsEnabled = true)] ServiceBusReceivedMessage message, CancellationToken cancellation)
    {
        var told = JsonSerializer.Deserialize<ProjectEvent>(message.Body, EarJson.Options)
            ?? throw new InvalidOperationException($"Message {message.MessageId} holds no event.");
        using var span = EarTraces.GoOn(message.ApplicationProperties.GetValueOrDefault(EarTraces.MessageProperty) as string, $"tell webhooks {told.Type}", ActivityKind.Consumer);
        if (await webhooks.TellAsync(told, cancellation) is > 0 and var taken)
            Log.WebhooksTold(logger, taken, told.ProjectId.Value, told.Id.Value);
    }
}
