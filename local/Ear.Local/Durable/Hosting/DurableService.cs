using Microsoft.Extensions.Hosting;

namespace Ear.Local.Durable.Hosting;

/// <summary>Runs the engine as long as the host runs, and ends the host when the engine can write no more: a new process resumes, this one cannot.</summary>
internal sealed class DurableService(DurableEngine engine, IHostApplicationLifetime lifetime) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await engine.RunAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await engine.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await engine.Died.WaitAsync(stoppingToken);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops before the engine did: the usual end.
        }
    }
}
