using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Telemetry;

/// <summary>
/// Reads all gauges now and then, while somebody listens. The sources are asked for late: a start need not wait for a store or a bus that no gauge needs yet.
/// One source that fails keeps its last value; that it is old is a gauge of its own.
/// </summary>
internal sealed class GaugeRound(IServiceProvider services, EarMeters meters, TimeProvider time, ILogger<GaugeRound> logger) : BackgroundService
{
    /// <summary>Half of the usual time between two scrapes.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    /// <summary>A store that hangs must not hold up the other sources for longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HashSet<Type> failing = [];
    private GaugeReadings readings = GaugeReadings.None;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                if (meters.AreGaugesWatched)
                    await ReadAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    internal async Task ReadAsync(CancellationToken cancellation)
    {
        var complete = true;
        foreach (var source in Sources())
            complete &= await ReadAsync(source, cancellation);
        meters.Show(readings, complete && failing.Count == 0);
    }

    // A store or a bus that cannot be set up fails whoever works with it; for the gauges it is no reason to end the host.
    private IEnumerable<IGaugeSource> Sources()
    {
        try
        {
            var sources = services.GetServices<IGaugeSource>();
            failing.Remove(typeof(IGaugeSource));
            return sources;
        }
        catch (Exception e)
        {
            if (failing.Add(typeof(IGaugeSource)))
                Log.GaugeNotRead(logger, nameof(IGaugeSource), e);
            return [];
        }
    }

    private async Task<bool> ReadAsync(IGaugeSource source, CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, bound.Token);
        try
        {
            readings = await source.ReadAsync(readings, either.Token);
            if (failing.Remove(source.GetType()))
                Log.GaugeReadAgain(logger, source.GetType().Name);
            return true;
        }
        // Whatever it was: telemetry that ends because the store was away for a moment is no telemetry.
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            if (failing.Add(source.GetType()))
                Log.GaugeNotRead(logger, source.GetType().Name, e);
            return false;
        }
    }
}
