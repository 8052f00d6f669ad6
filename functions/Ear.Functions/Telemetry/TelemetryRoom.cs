using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Ear.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ear.Functions.Telemetry;

/// <summary>
/// Where Ear's own instruments and spans go to (docs/operations/telemetry.md). Called by the host and not by <see cref="EarApp"/>: the app only measures, and
/// where nobody is told to collect, that costs next to nothing.
/// </summary>
public static class TelemetryRoom
{
    /// <summary>The standard's own setting; with it, traces, metrics and logs are sent there by OTLP.</summary>
    public const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Azure's own setting; with it, the same goes to Azure Monitor.</summary>
    public const string AzureMonitor = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>The standard's own setting, which the exporter to Azure Monitor reads otherwise than the standard (docs/operations/telemetry.md).</summary>
    public const string Sampler = "OTEL_TRACES_SAMPLER";

    // Of the runtime, what tells an operator something. Not System.Net.Http: its tags name hosts, and a vault's host is the customer's.
    private static readonly string[] Meters = [EarMeters.Name, "System.Runtime"];

    // Of ASP.NET, the same.
    private static readonly string[] RequestMeters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>
    /// Of a worker. Its host hears each request first and tells of it, and leaves logs and what happens within an invocation to the worker, which says that it
    /// sends them itself. The worker's own web server hears each request again, from the host, and is not listened to.
    /// </summary>
    public static IServiceCollection AddEarTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMeasuring();
        if (IsSet(configuration, OtlpEndpoint) || IsSet(configuration, AzureMonitor))
            services.AddOpenTelemetry().UseFunctionsWorkerDefaults().Collect(configuration, static _ => { }, static _ => { });
        return services;
    }

    /// <summary>Of a process that is its own host: it tells of the requests, too.</summary>
    /// <param name="metrics">More readers of the metrics, which the host brings: they are collected also where neither setting is there.</param>
    public static IServiceCollection AddEarTelemetryOfAHost(this IServiceCollection services, IConfiguration configuration, Action<MeterProviderBuilder> metrics)
    {
        services.AddMeasuring();
        services.AddOpenTelemetry().Collect(configuration, m => metrics(m.AddMeter(RequestMeters)), AddRequests);
        return services;
    }

    private static void AddMeasuring(this IServiceCollection services)
    {
        services.TryAddSingleton<EarMeters>();
        services.AddHostedService<GaugeRound>();
    }

    private static bool IsSet(IConfiguration configuration, string setting) => !string.IsNullOrWhiteSpace(configuration[setting]);

    private static void Collect(this IOpenTelemetryBuilder telemetry, IConfiguration configuration, Action<MeterProviderBuilder> metrics, Action<TracerProviderBuilder> traces)
    {
        var (otlp, azure) = (IsSet(configuration, OtlpEndpoint), IsSet(configuration, AzureMonitor));
        telemetry.ConfigureResource(r => r.AddService(configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : "ear")).WithMetrics(m => metrics(m.AddMeter(Meters)));
        if (otlp || azure)
        {
            telemetry.WithTracing(t =>
            {
                AddTraces(t);
                traces(t);
            });
            telemetry.WithLogging(configureBuilder: null, logs => (logs.IncludeFormattedMessage, logs.IncludeScopes) = (true, false));
        }
        if (otlp)
            telemetry.UseOtlpExporter();
        if (azure)
            telemetry.SendToAzureMonitor(configuration);
    }

    private static void SendToAzureMonitor(this IOpenTelemetryBuilder telemetry, IConfiguration configuration)
    {
        // Told nothing here, or the exporter would not read the sampler's settings.
        telemetry.UseAzureMonitorExporter();
        telemetry.Services.AddOptions<AzureMonitorExporterOptions>().Configure<IServiceProvider>((o, s) =>
        {
            o.ConnectionString = configuration[AzureMonitor];
            // As Ear's own identity, where there is one: Ear's Application Insights takes nothing without a token (infra/modules/monitoring.bicep).
            o.Credential = s.GetService<TokenCredential>();
            // Everything, as by OTLP, unless somebody says how much in this exporter's own words. Its default of five traces a second is decided anew in each
            // process, and a trace that goes on through documents would have holes.
            if (configuration[Sampler]?.StartsWith("microsoft.", StringComparison.OrdinalIgnoreCase) is not true)
                (o.SamplingRatio, o.TracesPerSecond) = (1, null);
            // Whoever looks for a fault finds its log, whether its trace was kept or not.
            o.EnableTraceBasedLogsSampler = false;
        });
    }

    /// <summary>What is traced; the processor stands before every exporter.</summary>
    internal static void AddTraces(TracerProviderBuilder traces) => traces
        .AddProcessor(new OutgoingCalls())
        .AddSource(EarTraces.Name, OutgoingCalls.Source);

    private static void AddRequests(TracerProviderBuilder traces)
        => traces.AddAspNetCoreInstrumentation(o => o.Filter = http => IsEars(http) && !IsWatching(http.Request.Path));

    // On one machine other servers live in the same process (the local key services), and every server there is heard.
    private static bool IsEars(HttpContext http) => http.RequestServices.GetService<EarMeters>() is not null;

    // Whoever scrapes or probes every few seconds is no story.
    private static bool IsWatching(PathString path) => path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/healthz", StringComparison.OrdinalIgnoreCase);
}
