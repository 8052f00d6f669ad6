using System.Security.Cryptography;
using Ear.Alerts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.ServiceBus;

/// <summary>
/// Empties the outbox into the topic: take, announce, mark, in this order, so that each event is announced at least once (I8). If we
/// die in between, the same events are taken again under the same ids. Several pumps at once only repeat each other.
/// </summary>
internal sealed class OutboxPump(IOutbox outbox, IServiceProvider services, IOptions<AnnouncerOptions> options, TimeProvider time, ILogger<OutboxPump> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var emptied = await PumpAsync(stoppingToken);
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

    /// <returns>True when nothing is left for now.</returns>
    private async Task<bool> PumpAsync(CancellationToken cancellation)
    {
        var pending = await outbox.PendingAsync(options.Value.BatchSize, cancellation);
        if (pending.Count == 0)
            return true;
        // Asked for late: a start need not wait for a connection that no event needs yet.
        var announcer = (IAnnouncer)services.GetService(typeof(IAnnouncer))!;
        await announcer.AnnounceAsync(pending, cancellation);
        await outbox.MarkAnnouncedAsync(pending, cancellation);
        return pending.Count < options.Value.BatchSize;
    }

    private TimeSpan RetryDelay(int failures)
    {
        var longest = Math.Min(options.Value.MaxRetryDelay.TotalMilliseconds, FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20) - 1));
        return TimeSpan.FromMilliseconds(longest / 2 + RandomNumberGenerator.GetInt32((int)longest / 2 + 1));
    }
}
