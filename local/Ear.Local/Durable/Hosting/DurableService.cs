using Ear.Local.Host;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Hosting;

/// <summary>
/// Runs the engine with the host: orchestrators and activities come from the host's registry and run through its middleware and
/// scopes. Starts before anything that may ask for the client. An engine that can write no more ends the process: the next start takes up
/// what is on disk.
/// </summary>
internal sealed class DurableService(
    DurableOptions options,
    FunctionRegistry registry,
    IServiceProvider services,
    TimeProvider time,
    ILoggerFactory loggers,
    IHostApplicationLifetime lifetime) : IHostedService
{
    private DurableEngine? engine;

    public DurableTaskClient Client => (engine ?? throw new InvalidOperationException("The durable engine has not started.")).Client;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var functions = new DurableFunctions();
        foreach (var orchestrator in registry.Of(OrchestrationTrigger.Type))
            functions.AddOrchestrator(NameOf(orchestrator), (OrchestratorFunction)(context => orchestrator.InvokeAsync(services, context, stopWaits: false)));
        foreach (var activity in registry.Of(ActivityTrigger.Type))
            AddActivity(functions, activity);
        engine = await DurableEngine.StartAsync(options, functions, time, loggers, cancellationToken);
        _ = EndProcessWhenDeadAsync(engine);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (engine is not null)
            await engine.DisposeAsync();
    }

    private void AddActivity(DurableFunctions functions, FunctionInvoker activity)
    {
        var input = activity.Function.TriggerParameter.ParameterType;
        functions.AddActivity(NameOf(activity), async (call, _) =>
            functions.Converter.Serialize(await activity.InvokeAsync(services, functions.Converter.Deserialize(call.Input, input))));
    }

    private static string NameOf(FunctionInvoker function) => function.Function.Trigger is OrchestrationTrigger
        ? function.Function.Attribute<OrchestrationTriggerAttribute>().Orchestration ?? function.Function.Name
        : function.Function.Attribute<ActivityTriggerAttribute>().Activity ?? function.Function.Name;

    private async Task EndProcessWhenDeadAsync(DurableEngine running)
    {
        await running.Died;
        lifetime.StopApplication();
    }
}
