namespace Ear.Local.Host;

/// <summary>Counts what runs, so that a stop can wait for it, and tells it that the host stops.</summary>
internal sealed class RunningInvocations : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held = 1; // one more than runs until a stop begins: only then does "nothing runs" mean anything
    private int _stopped;

    /// <summary>Cancelled when the host is asked to stop; a function that can end early then should.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public int Count => Volatile.Read(ref _held) - (Volatile.Read(ref _stopped) == 0 ? 1 : 0);

    public Running Enter()
    {
        Interlocked.Increment(ref _held);
        return new Running(this);
    }

    public void BeginStop()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        _stopping.Cancel();
        Leave();
    }

    /// <summary>False when something still runs after <paramref name="bound"/>.</summary>
    public async Task<bool> DrainAsync(TimeSpan bound, TimeProvider time)
    {
        try
        {
            await _idle.Task.WaitAsync(bound, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Dispose() => _stopping.Dispose();

    private void Leave()
    {
        if (Interlocked.Decrement(ref _held) == 0)
            _idle.TrySetResult();
    }

    internal readonly struct Running(RunningInvocations owner) : IDisposable
    {
        public void Dispose() => owner.Leave();
    }
}
