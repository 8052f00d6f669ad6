namespace Ear.Providers.Kms;

/// <summary>One try of a call, with its time limit.</summary>
internal abstract class KmsTry : IDisposable
{
    private readonly TimeSpan timeout;
    private readonly CancellationTokenSource limit;
    private readonly CancellationTokenSource linked;

    protected KmsTry(object? refused, KmsBudget budget, TimeSpan timeout, TimeProvider time)
    {
        (Refused, Budget, this.timeout) = (refused, budget, timeout);
        limit = new CancellationTokenSource(timeout, time);
        linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, budget.Token);
    }

    /// <summary>A session or token that the service did not take in the try before: not to be used again.</summary>
    public object? Refused { get; }

    /// <summary>The session or token that this try is made with, once there is one.</summary>
    public object? Used { get; set; }

    public KmsBudget Budget { get; }

    /// <summary>Ends with the try.</summary>
    public CancellationToken Cancellation => linked.Token;

    /// <summary>Only the budget counts on: waiting at the gate or for a session that is shared is not the service's slowness.</summary>
    public void Pause() => limit.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>The try has its whole time again.</summary>
    public void Restart() => limit.CancelAfter(timeout);

    public void Dispose()
    {
        linked.Dispose();
        limit.Dispose();
    }
}

/// <typeparam name="TStep">Whom a provider asks one after the other; its first member is where a try begins.</typeparam>
internal sealed class KmsTry<TStep>(object? refused, KmsBudget budget, TimeSpan timeout, TimeProvider time) : KmsTry(refused, budget, timeout, time)
    where TStep : struct, Enum
{
    /// <summary>Whom it is asking.</summary>
    public TStep Step { get; set; }
}
