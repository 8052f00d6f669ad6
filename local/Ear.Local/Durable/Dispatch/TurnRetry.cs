using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Dispatch;

/// <summary>Tries again, later and later (0.1 s doubling to 30 s, with jitter), turns that could not be read or written: a full disk does not lose anything.</summary>
internal sealed class TurnRetry(TimeProvider time, ILogger logger, CancellationToken stopping) : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly HashSet<ITimer> _timers = [];

    public void Later(LiveInstance live, Exception exception, Action again)
    {
        if (stopping.IsCancellationRequested)
            return;
        live.Failures++;
        var wait = First * Math.Pow(2, Math.Min(live.Failures - 1, 12));
        wait = (wait < Longest ? wait : Longest) * (0.75 + (RandomNumberGenerator.GetInt32(500) / 1000.0));
        Log.TurnPutOff(logger, exception, live.Key, live.Failures, wait);

        ITimer? timer = null;
        lock (_gate)
        {
            timer = time.CreateTimer(_ => Fire(timer!, again), state: null, wait, Timeout.InfiniteTimeSpan);
            _timers.Add(timer);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var timer in _timers)
                timer.Dispose();
            _timers.Clear();
        }
    }

    private void Fire(ITimer timer, Action again)
    {
        lock (_gate)
        {
            if (!_timers.Remove(timer))
                return;
            timer.Dispose();
        }

        again();
    }
}
