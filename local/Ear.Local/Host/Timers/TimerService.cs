using Microsoft.Extensions.Hosting;

namespace Ear.Local.Host.Timers;

/// <summary>Runs every timer function's loop for as long as the host runs.</summary>
internal sealed class TimerService : BackgroundService
{
    private readonly Dictionary<FunctionInvoker, TimerLoop> _loops;

    public TimerService(FunctionRegistry functions, Func<FunctionInvoker, TimerLoop> newLoop) =>
        _loops = functions.Of(TimerTrigger.Type).ToDictionary(f => f, newLoop);

    /// <summary>Runs the function once more, after the run that may be under way. Asked twice before that, it runs once.</summary>
    public void RequestRun(FunctionInvoker function) => _loops[function].RequestRun();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_loops.Values.Select(l => l.RunAsync(stoppingToken)));
}
