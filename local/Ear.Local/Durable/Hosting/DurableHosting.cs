using Ear.Local.Host;
using Ear.Local.Host.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Hosting;

/// <summary>Plugs the durable engine into a <see cref="FunctionsHost"/>: the app's orchestrators and activities run on it, and its client is in the container.</summary>
internal static class DurableHosting
{
    /// <summary>
    /// Call before <c>FunctionsHost.Build</c>, with the same builder's services and the same host options, so that the engine starts first and stops last.
    /// The client works from the first moment; what it starts runs once the host has started.
    /// </summary>
    public static IServiceCollection AddDurable(this IServiceCollection services, FunctionsHostOptions host, DurableOptions options)
    {
        var (orchestrations, activities) = (new OrchestrationTrigger(), new ActivityTrigger());
        host.Triggers.Add(orchestrations);
        host.Triggers.Add(activities);
        host.Binders.Add(orchestrations);
        host.Binders.Add(activities);
        host.Binders.Add(new DurableClientBinder());

        services.AddSingleton(provider => DurableEngine.Open(
            options with { HostStopping = provider.GetRequiredService<RunningInvocations>().Stopping },
            Functions(provider.GetRequiredService<FunctionRegistry>(), provider.GetRequiredService<RootServices>().Provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => provider.GetRequiredService<DurableEngine>().Client);
        services.AddHostedService<DurableService>();
        return services;
    }

    private static DurableFunctions Functions(FunctionRegistry registry, IServiceProvider services)
    {
        var functions = new DurableFunctions();
        foreach (var orchestrator in registry.Of(OrchestrationTrigger.Type))
        {
            functions.AddOrchestrator(
                OrchestrationTrigger.NameOf(orchestrator.Function),
                new OrchestratorFunction(context => orchestrator.InvokeAsync(services, context, stopWaits: false)));
        }

        foreach (var activity in registry.Of(ActivityTrigger.Type))
        {
            functions.AddActivity(ActivityTrigger.NameOf(activity.Function), new ActivityFunction(async (call, _) =>
            {
                var data = new Dictionary<string, object?>(StringComparer.Ordinal) { ["instanceId"] = call.InstanceId, ["taskId"] = call.TaskId };
                return functions.Converter.Serialize(await activity.InvokeAsync(services, new ActivityInvocation(call, functions.Converter), data));
            }));
        }

        return functions;
    }
}
