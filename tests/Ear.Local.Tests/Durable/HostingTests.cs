using Ear.Local.Durable.Hosting;
using Ear.Local.Host;
using Ear.Local.Tests.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Tests.Durable;

public sealed class HostingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ear-durable-host-").FullName;
    private readonly Seen _seen = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<OrchestrationMetadata> EndAsync(FunctionsHost host, string id) => host.Services.GetRequiredService<DurableTaskClient>()
        .WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

    private FunctionsHost Build(params Type[] classes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_seen);
        builder.Services.AddScoped<PerCall>();
        var options = new FunctionsHostOptions { DataFolder = _folder };
        builder.Services.AddDurable(options, new Ear.Local.Durable.DurableOptions { File = Path.Combine(_folder, "durable.db") });
        return FunctionsHost.Build(builder, classes, options, app =>
        {
            app.ConfigureFunctionsWebApplication();
            app.UseMiddleware<Noting>();
        });
    }

    [Fact]
    public async Task Orchestrators_and_activities_of_the_app_run_with_its_services_and_middleware()
    {
        await using var host = Build(typeof(SampleFunctions));
        await host.StartAsync(Cancellation);
        var client = host.Services.GetRequiredService<DurableTaskClient>();

        var id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(SampleFunctions.Sample), 20, Cancellation);
        var end = await EndAsync(host, id);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.Equal($"41 of {id}, 0", end.ReadOutputAs<string>());
        Assert.Contains("middleware Double", _seen.Notes);
        Assert.Equal(2, _seen.Count("scope ended"));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_function_of_any_kind_is_given_the_client()
    {
        await using var host = Build(typeof(SampleFunctions));
        await host.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = host.BaseAddress };

        var id = await (await http.PostAsync("/api/start", content: null, Cancellation)).Content.ReadAsStringAsync(Cancellation);
        var end = await EndAsync(host, id);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task An_activity_that_is_cancelled_because_the_host_stops_runs_again_after_the_next_start()
    {
        string id;
        await using (var first = Build(typeof(SampleFunctions)))
        {
            await first.StartAsync(Cancellation);
            id = await first.Services.GetRequiredService<DurableTaskClient>().ScheduleNewOrchestrationInstanceAsync(nameof(SampleFunctions.Patient), Cancellation);
            await Eventually.HoldsAsync(() => _seen.Count("patient") == 1);
            await first.StopAsync(Cancellation);
        }

        _seen.Gate.SetResult();
        await using var second = Build(typeof(SampleFunctions));
        await second.StartAsync(Cancellation);
        var end = await EndAsync(second, id);

        Assert.Equal("done", end.ReadOutputAs<string>());
        Assert.Equal(2, _seen.Count("patient"));
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public void An_orchestrator_with_another_parameter_is_refused_before_anything_runs()
    {
        var faults = Assert.Throws<InvalidFunctionsException>(() => Build(typeof(WrongFunctions)));

        Assert.Contains("must be a TaskOrchestrationContext", faults.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal sealed class Noting(Seen seen) : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            seen.Note("middleware " + context.FunctionDefinition.Name);
            return next(context);
        }
    }

    internal sealed class PerCall(Seen seen) : IDisposable
    {
        public void Dispose() => seen.Note("scope ended");
    }
}

public sealed class SampleFunctions(Seen seen, IServiceProvider services)
{
    [Function(nameof(Sample))]
    public static async Task<string> Sample([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var doubled = await context.CallActivityAsync<string>("Double", context.GetInput<int>());
        return doubled + await context.CallActivityAsync<int>("Default");
    }

    [Function("Double")]
    public Task<string> Double([ActivityTrigger] int input, FunctionContext function, TaskActivityContext activity)
    {
        services.GetRequiredService<HostingTests.PerCall>();
        return Task.FromResult($"{(input * 2) + 1} of {activity.InstanceId}, ");
    }

    [Function("DefaultOfNothing")]
    public int Default([ActivityTrigger(Activity = "Default")] int input)
    {
        services.GetRequiredService<HostingTests.PerCall>();
        return input;
    }

    [Function(nameof(Patient))]
    public static Task<string> Patient([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync<string>(nameof(Wait));

    [Function(nameof(Wait))]
    public async Task<string> Wait([ActivityTrigger] string? input, CancellationToken stopping)
    {
        seen.Note("patient");
        await seen.Gate.Task.WaitAsync(stopping);
        return "done";
    }

    [Function("Start")]
    public static async Task<Microsoft.AspNetCore.Mvc.IActionResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "start")] Microsoft.AspNetCore.Http.HttpRequest request, [DurableClient] DurableTaskClient client) =>
        new Microsoft.AspNetCore.Mvc.OkObjectResult(await client.ScheduleNewOrchestrationInstanceAsync(nameof(Sample), 1, request.HttpContext.RequestAborted));
}

public sealed class WrongFunctions
{
    [Function("Wrong")]
    public static Task Wrong([OrchestrationTrigger] string context) => Task.FromResult(context);
}
