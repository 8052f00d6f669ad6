using System.Threading.Channels;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Host.Timers;

/// <summary>
/// One timer: waits, runs, writes down that it ran. The order matters: a crash while the function runs leaves the occurrence
/// unwritten, and the next start runs it again.
/// </summary>
internal sealed class TimerLoop(
    FunctionInvoker function, TimerSchedule schedule, TimerStore store, IServiceProvider services, TimeProvider time, ILogger<TimerLoop> log)
{
    /// <summary>The wall clock is looked at this often, however far the next occurrence is: it may have been set.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string _name = function.Function.Name;
    private readonly TimerTriggerAttribute _attribute = function.Function.Attribute<TimerTriggerAttribute>();
    private TimerStatus _status = new(default, default);
    private long? _lastRun;

    public void RequestRun() => _requests.Writer.TryWrite(true);

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, function.Stopping);
        var stopping = either.Token;
        _status = (_attribute.UseMonitor ? store.Load(_name) : null) ?? Remember(time.GetUtcNow());
        if (_attribute.RunOnStartup)
            RequestRun();
        while (!stoppingToken.IsCancellationRequested && !function.Stopping.IsCancellationRequested)
        {
            if (_requests.Reader.TryRead(out _))
            {
                await InvokeAsync(isPastDue: false);
                continue;
            }

            var sinceRun = _lastRun is { } at ? time.GetElapsedTime(at) : (TimeSpan?)null;
            var move = TimerPlan.Next(schedule, _status.Last, sinceRun, time.GetUtcNow());
            _status = _status with { Last = move.Last };
            if (move is TimerMove.Run run)
                await RunOccurrenceAsync(run);
            else
                await WaitAsync(((TimerMove.Wait)move).Until, stopping);
        }
    }

    private async Task RunOccurrenceAsync(TimerMove.Run run)
    {
        if (run.IsPastDue)
            TimerLog.PastDue(log, _name, run.Occurrence);
        _lastRun = time.GetTimestamp();

        // Not the linked token: a function that a stop interrupts gets here before that one is told.
        if (await InvokeAsync(run.IsPastDue) || !function.Stopping.IsCancellationRequested)
            _status = Remember(run.Occurrence);
    }

    /// <summary>False when the function failed; a failure is logged and not tried again before the next occurrence, as on Azure.</summary>
    private async Task<bool> InvokeAsync(bool isPastDue)
    {
        try
        {
            await function.InvokeAsync(services, new TimerInfo { IsPastDue = isPastDue, ScheduleStatus = Describe() });
            return true;
        }
        catch (OperationCanceledException) when (function.Stopping.IsCancellationRequested)
        {
            return false; // The host stops; the occurrence stays unwritten and runs at the next start.
        }
        catch (Exception e)
        {
            TimerLog.RunFailed(log, _name, e);
            return false;
        }
    }

    private ScheduleStatus? Describe() => !_attribute.UseMonitor ? null : new ScheduleStatus
    {
        Last = _status.Last.UtcDateTime,
        Next = (schedule.After(time.GetUtcNow()) ?? DateTimeOffset.MaxValue).UtcDateTime,
        LastUpdated = _status.LastUpdated.UtcDateTime,
    };

    private TimerStatus Remember(DateTimeOffset last)
    {
        var status = new TimerStatus(last, time.GetUtcNow());
        if (!_attribute.UseMonitor)
            return status;
        try
        {
            store.Save(_name, status);
        }
        catch (IOException e)
        {
            TimerLog.StatusNotSaved(log, _name, e);
        }

        return status;
    }

    /// <summary>Until the occurrence, until somebody asks for a run, or until it is time to look at the clock again.</summary>
    private async Task WaitAsync(DateTimeOffset? until, CancellationToken stopping)
    {
        var left = until is { } at ? at - time.GetUtcNow() : LookAgain;
        if (left <= TimeSpan.Zero)
            return;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(
            Task.Delay(left < LookAgain ? left : LookAgain, time, enough.Token),
            _requests.Reader.WaitToReadAsync(enough.Token).AsTask());
        await enough.CancelAsync();
    }
}
