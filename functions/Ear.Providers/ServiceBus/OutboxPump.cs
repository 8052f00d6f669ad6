using System.Security.Cryptography;
using Ear.Alerts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.ServiceBus;

/// <summary>Keeps the outbox empty while the host runs. The drain is asked for late: a start need not wait for a connection that no event needs yet.</summary>
internal sealed class OutboxPump(IServiceProvider services, IOptions<AnnouncerOptions> options, TimeProvider time, ILogger<OutboxPump> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var emptied = await services.GetRequiredService<OutboxDrain>().DrainAsync(options.Value.BatchSize, 1, stoppingToken);
                if (failures > 0)
                    logger.AnnouncesAgain(failures);
                failures = 0;
                if (emptied)
                    await Task.Delay(options.Value.IdleDelay, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            // Whatever it was, the events wait in the outbox and are tried again; a pump that ended would strand them.
            catch (Exception e)
            {
                if (failures++ == 0)
                    logger.CannotAnnounce(e, options.Value.Topic);
                await Task.Delay(RetryDelay(failures), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private TimeSpan RetryDelay(int failures)
    {
        var longest = Math.Min(options.Value.MaxRetryDelay.TotalMilliseconds, FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20) - 1));
        return TimeSpan.FromMilliseconds(longest / 2 + RandomNumberGenerator.GetInt32((int)longest / 2 + 1));
    }
}
