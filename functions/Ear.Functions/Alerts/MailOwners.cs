using System.Diagnostics;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Alerts;

/// <summary>The subscription <c>mail</c> of the events' topic: Project Owners hear of a shut-down (R42), and everybody whom a configuration names hears of its alert.</summary>
public sealed class MailOwners(ShutDownMail mail, AlertMail alerts, ILogger<MailOwners> logger)
{
    /// <summary>A mail server that is away throws, and the message is delivered again.</summary>
    [Function(nameof(MailOwners))]
    public async Task Run([ServiceBusTrigger("%EventsTopic%", EventsTopic.MailName, IsSessionsEnabled = true)] ServiceBusReceivedMessage message, CancellationToken cancellation)
    {
        var told = JsonSerializer.Deserialize<ProjectEvent>(message.Body, EarJson.Options)
            ?? throw new InvalidOperationException($"Message {message.MessageId} holds no event.");
        using var span = EarTraces.GoOn(message.ApplicationProperties.GetValueOrDefault(EarTraces.MessageProperty) as string, $"tell {told.Type}", ActivityKind.Consumer);
        if (await mail.TellAsync(told, cancellation))
            Log.OwnersMailed(logger, told.ProjectId.Value, told.Id.Value);
        if (await alerts.TellAsync(told, cancellation) is > 0 and var sent)
            Log.AlertsMailed(logger, sent, told.ProjectId.Value, told.Id.Value);
    }
}
