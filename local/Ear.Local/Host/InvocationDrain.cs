using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Host;

/// <summary>
/// Tells invocations at once that the host stops, and gives them a bounded time to end. Registered first, so stopped last:
/// by then nothing starts new ones, and what they use still runs.
/// </summary>
internal sealed class InvocationDrain(
    RunningInvocations running, FunctionsHostOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<InvocationDrain> log)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(running.BeginStop);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        running.BeginStop();
        if (!await running.DrainAsync(options.StopTimeout, time))
            Log.StopTimedOut(log, running.Count, options.StopTimeout);
    }
}
