using Ear.Local.Host;
using Ear.Local.Host.Admin;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Hosting;

/// <summary>Plugs the durable engine into a <see cref="FunctionsHost"/>: the app's orchestrators and activities run on it, and its client is in the container.</summary>
internal static class DurableExtension
{
    /// <summary>Call before <c>FunctionsHost.Build</c>, on the same builder's services and the same options.</summary>
    /// <param name="hostJson">Text of host.json; its <c>extensions.durableTask</c> is read.</param>
    /// <param name="configure">Last word on the engine's options.</param>
    public static IServiceCollection AddDurableEngine(
        this IServiceCollection services, FunctionsHostOptions host, string hostJson = "{}", Func<DurableOptions, DurableOptions>? configure = null)
    {
        var (orchestrations, activities) = (new OrchestrationTrigger(), new ActivityTrigger());
        host.Triggers.Add(orchestrations);
        host.Triggers.Add(activities);
        host.Binders.Add(orchestrations);
        host.Binders.Add(activities);
        host.Binders.Add(new DurableClientBinder());

        var options = DurableOptions.FromHostJson(hostJson, Path.Combine(host.DataFolder, "durable.db"));
        services.AddSingleton(provider =>
        {
            var stopping = provider.GetRequiredService<RunningInvocations>().Stopping;
            var chosen = (configure?.Invoke(options) ?? options) with { HostStopping = stopping };
            var functions = Functions(provider.GetRequiredService<FunctionRegistry>(), provider.GetRequiredService<RootServices>().Provider, orchestrations, activities);
            return DurableEngine.Open(chosen, functions, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>());
        });
        services.AddSingleton(provider => provider.GetRequiredService<DurableEngine>().Client);
        services.AddHostedService<DurableService>();
        return services;
    }

    private static DurableFunctions Functions(
        FunctionRegistry registry, IServiceProvider services, OrchestrationTrigger orchestrations, ActivityTrigger activities)
    {
        var functions = new DurableFunctions();
        foreach (var orchestrator in registry.Of(orchestrations.BindingType))
        {
            functions.AddOrchestrator(
                OrchestrationTrigger.NameOf(orchestrator.Function),
                new OrchestratorFunction(context => orchestrator.InvokeAsync(services, context, stopWaits: false)));
        }

        foreach (var activity in registry.Of(activities.BindingType))
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

/// <summary>Runs the engine as long as the host runs, and ends the host when the engine can write no more: a new process resumes, this one cannot.</summary>
internal sealed class DurableService(DurableEngine engine, IHostApplicationLifetime lifetime) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await engine.RunAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await engine.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await engine.Died.WaitAsync(stoppingToken);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops before the engine did: the usual end.
        }
    }
}
