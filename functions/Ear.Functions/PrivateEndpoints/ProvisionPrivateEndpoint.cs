using System.Text.Json.Serialization;
using Ear.Functions.Durable;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>Whose link is looked at. What a <see cref="PrivateEndpointRef"/> says can be read as one, so that what an older Ear began goes on.</summary>
/// <param name="Fruitless">How many looks in a row had nothing new to expect, up to now.</param>
public sealed record EndpointWatch(ProjectId ProjectId, PrivateEndpointId Id, int Fruitless = 0)
{
    [JsonIgnore]
    public PrivateEndpointRef Endpoint => new(ProjectId, Id);

    public static EndpointWatch Of(PrivateEndpointRef endpoint) => new(endpoint.ProjectId, endpoint.Id);
}

/// <summary>
/// One per endpoint, while something may happen to it: look, wait, look again. It waits at most 2 minutes, so that what a customer
/// does is seen within 3 (R62). Everything it knows is in the store, so it keeps nothing from one look to the next but how often it learnt nothing.
/// </summary>
public static class ProvisionPrivateEndpoint
{
    /// <summary>"Look again": raised by whoever changed the endpoint.</summary>
    public const string Look = "Look";

    private static readonly TaskOptions Persistently = TaskOptions.FromRetryPolicy(new RetryPolicy(
        maxNumberOfAttempts: 8, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30)));

    public static string InstanceOf(PrivateEndpointRef endpoint) => $"private-endpoint-{endpoint.Id}";

    [Function(nameof(ProvisionPrivateEndpoint))]
    public static Task Run([OrchestrationTrigger] TaskOrchestrationContext context) => context.WatchedAsync(() => ProvisionAsync(context));

    private static async Task<bool> ProvisionAsync(TaskOrchestrationContext context)
    {
        var watch = context.GetInput<EndpointWatch>() ?? throw new InvalidOperationException("The provisioning of a private endpoint needs the endpoint as its input.");
        var asked = context.WaitForExternalEvent<object?>(Look);

        var look = await context.CallActivityAsync<EndpointLook>(nameof(PrivateEndpointActivities.LookAtPrivateEndpoint), watch, Persistently);
        context.SetCustomStatus(look);
        if (look.LookAgain is null && !asked.IsCompleted)
            return true;
        if (look.LookAgain is { } wait && wait > TimeSpan.Zero)
            await AskedAsync(context, asked, wait);

        // Whatever was raised up to here was written before it was raised, so the next look sees it.
        context.ContinueAsNew(watch with { Fruitless = look.Fruitless }, preserveUnprocessedEvents: false);
        return false;
    }

    private static async Task AskedAsync(TaskOrchestrationContext context, Task asked, TimeSpan atMost)
    {
        using var over = new CancellationTokenSource();
        await Task.WhenAny(asked, context.CreateTimer(atMost, over.Token));
        Cancel(over);
    }

    // Its continuations must run inside this turn: no CancelAsync.
    private static void Cancel(CancellationTokenSource source) => source.Cancel();
}
