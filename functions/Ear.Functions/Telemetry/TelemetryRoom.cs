using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Ear.Telemetry;
using Microsoft.AspNetCore.Http;
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

    // Of the runtime and of ASP.NET, what tells an operator something. Not System.Net.Http: its tags name hosts, and a vault's host is the customer's.
    private static readonly string[] Meters = [EarMeters.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    /// <param name="metrics">More readers of the metrics, which the host brings: then they are collected also where neither setting is there.</param>
    public static IServiceCollection AddEarTelemetry(this IServiceCollection services, IConfiguration configuration, Action<MeterProviderBuilder>? metrics = null)
    {
        services.TryAddSingleton<EarMeters>();
        services.AddHostedService<GaugeRound>();
        var otlp = !string.IsNullOrWhiteSpace(configuration[OtlpEndpoint]);
        var azure = !string.IsNullOrWhiteSpace(configuration[AzureMonitor]);
        if (!otlp && !azure && metrics is null)
            return services;

        var telemetry = services.AddOpenTelemetry().ConfigureResource(r => r.AddService(configuration["OTEL_SERVICE_NAME"] ?? "ear"));
        telemetry.WithMetrics(m =>
        {
            m.AddMeter(Meters);
            metrics?.Invoke(m);
        });
        if (otlp || azure)
        {
            telemetry.WithTracing(AddTraces);
            telemetry.WithLogging(configureBuilder: null, logs => (logs.IncludeFormattedMessage, logs.IncludeScopes) = (true, false));
        }
        if (otlp)
            telemetry.UseOtlpExporter();
        if (azure)
        {
            telemetry.UseAzureMonitorExporter(o => o.ConnectionString = configuration[AzureMonitor]);
            // As Ear's own identity, where there is one: Ear's Application Insights takes nothing without a token (infra/modules/monitoring.bicep).
            services.AddOptions<AzureMonitorExporterOptions>().Configure<IServiceProvider>((o, s) => o.Credential = s.GetService<TokenCredential>());
        }
        return services;
    }

    /// <summary>What is traced; the processor stands before every exporter.</summary>
    internal static void AddTraces(TracerProviderBuilder traces) => traces
        .AddProcessor(new OutgoingCalls())
        .AddSource(EarTraces.Name, OutgoingCalls.Source)
        .AddAspNetCoreInstrumentation(o => o.Filter = http => IsEars(http) && !IsWatching(http.Request.Path));

    // On one machine other servers live in the same process (the local key services), and every server there is heard.
    private static bool IsEars(HttpContext http) => http.RequestServices.GetService<EarMeters>() is not null;

    // Whoever scrapes or probes every few seconds is no story.
    private static bool IsWatching(PathString path) => path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/healthz", StringComparison.OrdinalIgnoreCase);
}
