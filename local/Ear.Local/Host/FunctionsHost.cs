using System.Reflection;
using Ear.Local.Host.Admin;
using Ear.Local.Host.Binding;
using Ear.Local.Host.Http;
using Ear.Local.Host.Invocation;
using Ear.Local.Host.Timers;
using Ear.Local.ServiceBus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Host;

/// <summary>
/// A Functions host in this process: it does for the app's [Function] methods what Azure Functions does.
///
/// Build goes through one list, once: the app fills its builder (services, middleware) → <see cref="FunctionDiscovery"/> finds the
/// functions and everything that is wrong with them → each becomes a <see cref="FunctionInvoker"/> (compiled: middleware, then
/// parameters from <see cref="IParameterBinder"/>s, a new instance, the method) in the <see cref="FunctionRegistry"/>.
///
/// What makes functions run is an <see cref="ITrigger"/> with, where needed, a hosted service that takes its functions from the
/// registry: HTTP (Http/), timers (Timers/), Service Bus (../ServiceBus/). Durable plugs in the same way, from outside, through
/// <see cref="FunctionsHostOptions.Triggers"/> and <see cref="FunctionsHostOptions.Binders"/>, with its services already in the builder.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FunctionsHost(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    /// <summary>Where the host listens (<see cref="FunctionsHostOptions.Url"/>); known once it has started.</summary>
    public Uri BaseAddress => new(_app.Urls.First());

    /// <summary>Opens <c>/admin</c>; for the process that started the host, belongs in no log.</summary>
    public string MasterKey => Services.GetRequiredService<HostKeys>().Master;

    /// <summary>The key that opens functions of level Function.</summary>
    public string FunctionKey => Services.GetRequiredService<HostKeys>().Function;

    /// <summary>A host for the functions of a whole assembly.</summary>
    /// <inheritdoc cref="Build(WebApplicationBuilder, IReadOnlyList{Type}, FunctionsHostOptions, Action{FunctionsApplicationBuilder})"/>
    public static FunctionsHost Build(
        WebApplicationBuilder builder, Assembly functions, FunctionsHostOptions options, Action<FunctionsApplicationBuilder> configure) =>
        Build(builder, functions.GetTypes(), options, configure);

    /// <param name="builder">Carries services, configuration and logging; a <see cref="TimeProvider"/> or an <see cref="IIds"/> in it is used.</param>
    /// <param name="classes">Where the [Function] methods are; others among them are passed over.</param>
    /// <param name="options">How this host runs.</param>
    /// <param name="configure">What the app's Program.cs does with its builder.</param>
    /// <exception cref="InvalidFunctionsException">Functions or options are not valid; it lists everything.</exception>
    public static FunctionsHost Build(
        WebApplicationBuilder builder, IReadOnlyList<Type> classes, FunctionsHostOptions options, Action<FunctionsApplicationBuilder> configure)
    {
        options.Validate();
        PrivateFile.CreateFolder(options.DataFolder);
        builder.WebHost.UseUrls([options.Url, .. options.MoreUrls]);
        var serviceBus = ServiceBusSetup.Prepare(builder, classes, options, new SystemIds(TimeProvider.System));
        try
        {
            return new FunctionsHost(Build(builder, classes, options, configure, serviceBus));
        }
        catch
        {
            serviceBus.Abandon();
            throw;
        }
    }

    public Task StartAsync(CancellationToken cancellation = default) => _app.StartAsync(cancellation);

    /// <summary>Takes no new work, tells running invocations, and waits for them within <see cref="FunctionsHostOptions.StopTimeout"/>.</summary>
    public Task StopAsync(CancellationToken cancellation = default) => _app.StopAsync(cancellation);

    /// <summary>Ends when the process is told to stop (Ctrl-C, SIGTERM).</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation = default) => _app.WaitForShutdownAsync(cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static WebApplication Build(
        WebApplicationBuilder builder,
        IReadOnlyList<Type> classes,
        FunctionsHostOptions options,
        Action<FunctionsApplicationBuilder> configure,
        ServiceBusSetup serviceBus)
    {
        AddHostServices(builder.Services, options);
        var app = new FunctionsApplicationBuilder(builder, _ => throw new InvalidOperationException("The host builds the app; Program.cs must not when it is hosted."));
        configure(app);

        var http = new HttpTrigger(options.HostJson.RoutePrefix);
        var timers = new TimerTrigger(builder.Configuration);
        var messages = new ServiceBusTrigger(builder.Configuration);
        ITrigger[] triggers = [http, timers, messages, .. options.Triggers];
        IParameterBinder[] binders = [.. options.Binders, new ContextBinder(), new HttpBinder(http), timers, messages];

        var faults = new List<string>();
        var found = FunctionDiscovery.Find(classes, triggers, binders, faults);
        if (!app.ServesAspNetCore && found.Any(f => f.Trigger == http))
            faults.Add("The app has HTTP functions but does not call ConfigureFunctionsWebApplication on its builder.");
        if (faults.Count > 0)
            throw new InvalidFunctionsException(faults);

        AddFunctionServices(builder.Services, app, found, binders, timers, options);
        serviceBus.AddListeners(builder.Services, messages, found);
        var assembled = builder.Build();
        try
        {
            Map(assembled, triggers, options);
            serviceBus.Open(assembled.Services, messages);
            return assembled;
        }
        catch
        {
            ((IDisposable)assembled).Dispose();
            throw;
        }
    }

    private static void AddHostServices(IServiceCollection services, FunctionsHostOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIds, SystemIds>();
        services.AddSingleton<RunningInvocations>();
        services.AddSingleton(provider => new RootServices(provider));
        services.AddSingleton(provider => HostKeys.LoadOrCreate(options.DataFolder, provider.GetRequiredService<IIds>()));
        services.AddHostedService<InvocationDrain>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.StopTimeout + TimeSpan.FromSeconds(5));
        services.AddMvcCore();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, FunctionMethodPolicy>());
        HealthEndpoints.AddServices(services);
    }

    private static void AddFunctionServices(
        IServiceCollection services,
        FunctionsApplicationBuilder app,
        IReadOnlyList<FunctionDescriptor> found,
        IReadOnlyList<IParameterBinder> binders,
        TimerTrigger timers,
        FunctionsHostOptions options)
    {
        var pipeline = app.Compose(context => ((HostFunctionContext)context).ExecuteAsync());
        services.AddSingleton(provider => new FunctionRegistry(
            [.. found.Select(f => new FunctionInvoker(f, binders, pipeline, provider.GetRequiredService<RunningInvocations>(), provider.GetRequiredService<IIds>()))]));
        services.AddSingleton(provider => new TimerStore(Path.Combine(options.DataFolder, "timers"), provider.GetRequiredService<ILogger<TimerStore>>()));
        services.AddSingleton<Func<FunctionInvoker, TimerLoop>>(provider => function => new TimerLoop(
            function,
            timers.ScheduleOf(function.Function),
            provider.GetRequiredService<TimerStore>(),
            provider.GetRequiredService<RootServices>().Provider,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TimerLoop>>()));
        services.AddSingleton<TimerService>();
        services.AddHostedService(provider => provider.GetRequiredService<TimerService>());
    }

    private static void Map(WebApplication app, IReadOnlyList<ITrigger> triggers, FunctionsHostOptions options)
    {
        var registry = app.Services.GetRequiredService<FunctionRegistry>();
        foreach (var trigger in triggers)
            trigger.Map(app, registry.Of(trigger.BindingType));
        AdminEndpoints.Map(app);
        HealthEndpoints.Map(app);
        foreach (var endpoints in options.Endpoints)
            endpoints(app);
        Log.FunctionsFound(app.Logger, registry.All.Count, string.Join(", ", registry.All.Select(f => f.Function.Name)));
    }
}
