using System.Diagnostics;
using System.Diagnostics.Metrics;
using Azure.Monitor.OpenTelemetry.Exporter;
using Ear.Functions.Telemetry;
using Ear.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Ear.Functions.Tests.Telemetry;

/// <summary>What is collected where, and how much of it is kept.</summary>
public sealed class TelemetryRoomTests
{
    private const string Requests = "Microsoft.AspNetCore";
    private const string RequestMeter = "Microsoft.AspNetCore.Hosting";

    /// <summary>The host hears every request first: told by the worker's web server, too, each would be there twice.</summary>
    [Fact]
    public void A_worker_leaves_requests_to_its_host_and_a_process_that_is_its_own_host_tells_them()
    {
        var (spans, metrics) = Collected((services, settings) => services.AddEarTelemetry(settings));
        Assert.Equal([EarTraces.Name], spans);
        Assert.Equal([EarMeters.Name], metrics.Order(StringComparer.Ordinal));

        (spans, metrics) = Collected((services, settings) => services.AddEarTelemetryOfAHost(settings, _ => { }));
        Assert.Equal([EarTraces.Name, Requests], spans);
        Assert.Equal([EarMeters.Name, RequestMeter], metrics.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null, null, null, 1d)]
    [InlineData("parentbased_traceidratio", "0.05", null, 1d)]
    [InlineData("microsoft.fixed_percentage", "0.05", null, 0.05)]
    [InlineData("Microsoft.Rate_Limited", "10", 10d, 1d)]
    public void Azure_Monitor_is_sent_every_trace_unless_its_own_words_say_how_many_and_every_log(string? sampler, string? argument, double? perSecond, double ratio)
    {
        var settings = Settings((TelemetryRoom.AzureMonitor, "InstrumentationKey=00000000-0000-0000-0000-000000000000"), (TelemetryRoom.Sampler, sampler), ("OTEL_TRACES_SAMPLER_ARG", argument));
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(settings).AddEarTelemetry(settings).BuildServiceProvider();

        var options = services.GetRequiredService<IOptionsMonitor<AzureMonitorExporterOptions>>().Get(Options.DefaultName);
        Assert.Equal((perSecond, (float)ratio, false), (options.TracesPerSecond, options.SamplingRatio, options.EnableTraceBasedLogsSampler));
    }

    private static IConfiguration Settings(params (string Name, string? Value)[] settings)
        => new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, s.Value))).Build();

    /// <summary>Of some sources and meters, those that something is kept of.</summary>
    private static (string[] Sources, string[] Meters) Collected(Action<IServiceCollection, IConfiguration> add)
    {
        // Nobody listens there.
        var settings = Settings((TelemetryRoom.OtlpEndpoint, "http://127.0.0.1:9"));
        var (spans, metrics) = (new List<Activity>(), new List<Metric>());
        var collection = new ServiceCollection();
        add(collection, settings);
        using var services = collection
            .ConfigureOpenTelemetryTracerProvider(t => t.AddInMemoryExporter(spans))
            .ConfigureOpenTelemetryMeterProvider(m => m.AddInMemoryExporter(metrics))
            .BuildServiceProvider();
        var (tracer, meter) = (services.GetRequiredService<TracerProvider>(), services.GetRequiredService<MeterProvider>());

        foreach (var name in new[] { EarTraces.Name, Requests, "System.Net.Somewhere" })
        {
            using var source = new ActivitySource(name);
            source.StartActivity("one")?.Dispose();
        }
        using var requests = new Meter(RequestMeter);
        requests.CreateCounter<int>("one").Add(1);
        services.GetRequiredService<EarMeters>().Swept(TimeSpan.FromSeconds(1));
        tracer.ForceFlush();
        meter.ForceFlush();
        return ([.. spans.Where(s => s.DisplayName == "one").Select(s => s.Source.Name)], [.. metrics.Where(m => m.Name is "one" or "ear.sweep.duration").Select(m => m.MeterName)]);
    }
}
