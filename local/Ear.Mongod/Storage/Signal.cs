namespace Ear.Mongod.Storage;

/// <summary>Wakes everybody who waits for a change; what changed they look up themselves. Take <see cref="Next"/> before looking, then nothing is missed.</summary>
internal sealed class Signal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Next => Volatile.Read(ref _next).Task;

    public void Pulse() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <returns>False: the time was up before the condition held.</returns>
    public async Task<bool> UntilAsync(Func<bool> condition, TimeSpan? limit, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var next = Next;
            if (condition()) return true;
            var left = limit - time.GetElapsedTime(start) ?? Timeout.InfiniteTimeSpan;
            if (limit is not null && left <= TimeSpan.Zero) return false;
            try
            {
                await next.WaitAsync(left, time, ct);
            }
            catch (TimeoutException)
            {
                return condition();
            }
        }
    }
}
