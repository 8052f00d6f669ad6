namespace Ear.Local.Durable.Dispatch;

/// <summary>
/// Wakes instances whose first timer is due. Waits are measured on the monotonic clock from the moment a timer is set, so a wall clock that is set back
/// delays nothing; a wall clock that jumps forward (a laptop that slept) is noticed within <see cref="LongestSleep"/> and fires what has come due.
/// </summary>
internal sealed class TimerQueue : IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Jump = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Action<long, long> _due;
    private readonly Lock _gate = new();
    private readonly SortedSet<(long Due, long Key)> _queue = [];
    private readonly Dictionary<long, (long Due, long FireAt)> _entries = [];
    private readonly ITimer _timer;
    private readonly long _start;
    private long _wallOffset;
    private long _shift;

    /// <param name="due">Told the instance's key and the time at which its timer was due; called from any thread.</param>
    public TimerQueue(TimeProvider time, Action<long, long> due)
    {
        _time = time;
        _due = due;
        _start = time.GetTimestamp();
        _wallOffset = time.GetUtcNow().UtcTicks;
        _timer = time.CreateTimer(_ => Tick(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets the one timer of an instance; one that is set for the same time already goes on as it is.</summary>
    /// <param name="fireAt">UTC ticks, given back when due.</param>
    /// <param name="remaining">Ticks from now.</param>
    public void Set(long key, long fireAt, long remaining)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry) && entry.FireAt == fireAt)
                return;
            Forget(key);
            var due = Elapsed() + Math.Max(0, remaining);
            _entries[key] = (due, fireAt);
            _queue.Add((due, key));
            if (_queue.Min.Key == key)
                Arm();
        }
    }

    public void Clear(long key)
    {
        lock (_gate)
            Forget(key);
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        List<(long Key, long FireAt)> due = [];
        lock (_gate)
        {
            NoticeJump();
            var now = Elapsed();
            while (_queue.Count > 0 && _queue.Min.Due <= now)
            {
                var key = _queue.Min.Key;
                due.Add((key, _entries[key].FireAt));
                Forget(key);
            }

            Arm();
        }

        foreach (var (key, fireAt) in due)
            _due(key, fireAt);
    }

    /// <summary>Forward: everything is due that much earlier. Back: nothing changes, the waits go on as they were.</summary>
    private void NoticeJump()
    {
        var offset = _time.GetUtcNow().UtcTicks - _time.GetElapsedTime(_start).Ticks;
        if (offset - _wallOffset > Jump.Ticks)
            _shift += offset - _wallOffset;
        if (Math.Abs(offset - _wallOffset) > Jump.Ticks)
            _wallOffset = offset;
    }

    private long Elapsed() => _time.GetElapsedTime(_start).Ticks + _shift;

    private void Arm()
    {
        if (_queue.Count == 0)
            return;
        var wait = Math.Clamp(_queue.Min.Due - Elapsed(), TimeSpan.TicksPerMillisecond, LongestSleep.Ticks);
        _timer.Change(TimeSpan.FromTicks(wait), Timeout.InfiniteTimeSpan);
    }

    private void Forget(long key)
    {
        if (_entries.Remove(key, out var entry))
            _queue.Remove((entry.Due, key));
    }
}
