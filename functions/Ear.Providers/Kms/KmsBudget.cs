namespace Ear.Providers.Kms;

/// <summary>The time that all calls for one check, wrap or unwrap share, and the caller's cancellation, which is never a verdict.</summary>
internal sealed class KmsBudget : IDisposable
{
    private readonly TimeProvider time;
    private readonly long started;
    private readonly TimeSpan length;
    private readonly CancellationTokenSource limit;
    private readonly CancellationTokenSource linked;

    public KmsBudget(TimeSpan length, TimeProvider time, CancellationToken cancellation)
    {
        (this.time, this.length, Cancellation) = (time, length, cancellation);
        started = time.GetTimestamp();
        limit = new CancellationTokenSource(length, time);
        linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
    }

    /// <summary>The caller's.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Ends with the budget or by the caller.</summary>
    public CancellationToken Token => linked.Token;

    public bool IsOver => limit.IsCancellationRequested;

    public TimeSpan Left
    {
        get
        {
            var left = length - time.GetElapsedTime(started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <returns>false when it cannot be waited for within the budget.</returns>
    public async Task<bool> WaitAsync(TimeSpan delay)
    {
        if (delay >= Left)
            return false;
        try
        {
            await Task.Delay(delay, time, Token);
            return true;
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose()
    {
        linked.Dispose();
        limit.Dispose();
    }
}
