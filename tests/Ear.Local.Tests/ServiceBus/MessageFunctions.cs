using Azure.Messaging.ServiceBus;
using Ear.Local.Tests.Host;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Tests.ServiceBus;

public sealed class Subscribers(Seen seen)
{
    public const string Connection = "Bus";

    [Function("Audit")]
    public void Audit([ServiceBusTrigger("alerts", "audit", Connection = Connection)] ServiceBusReceivedMessage message, FunctionContext context) =>
        seen.Note($"audit {message.Body} {context.BindingContext.BindingData["MessageId"]}");

    [Function("Mail")]
    public async Task Mail([ServiceBusTrigger("alerts", "mail", Connection = Connection)] ServiceBusReceivedMessage message)
    {
        await Task.Yield();
        seen.Note($"mail {message.Body} {message.DeliveryCount}");
        if (message.Body.ToString().StartsWith("poison", StringComparison.Ordinal))
            throw new InvalidOperationException("cannot be mailed");
    }
}

public sealed class ManualSubscriber(Seen seen)
{
    [Function("Manual")]
    public async Task Run(
        [ServiceBusTrigger("%QueueName%", Connection = Subscribers.Connection, AutoCompleteMessages = false)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellation)
    {
        seen.Note($"manual {message.Body}");
        if (message.Body.ToString() == "refuse")
            await actions.DeadLetterMessageAsync(message, new() { ["Who"] = "me" }, "NotForMe", "it says refuse", cancellation);
        else
            await actions.CompleteMessageAsync(message, cancellation);
    }
}

/// <summary>Works off one message at a time per session; the gate holds the first.</summary>
public sealed class SessionSubscriber(Seen seen)
{
    private static int s_tries;

    [Function("Ordered")]
    public async Task Run([ServiceBusTrigger("orders", "all", Connection = Subscribers.Connection, IsSessionsEnabled = true)] ServiceBusReceivedMessage message)
    {
        if (message.Body.ToString() == "a1" && Interlocked.Increment(ref s_tries) == 1)
            throw new InvalidOperationException("the first attempt of the first message fails");
        await Task.Yield();
        seen.Note($"{message.SessionId}:{message.Body}");
    }
}
