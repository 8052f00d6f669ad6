using Ear.CustomerKeys;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

/// <summary>Tries, time limits and waits of one call. The caller's cancellation is thrown on; everything else that AWS does becomes an <see cref="AwsResult{T}"/>.</summary>
internal sealed class AwsAttempts(IOptions<AwsKmsOptions> options, TimeProvider time, IIds ids, ILogger<AwsAttempts> logger)
{
    /// <summary>The time that all calls for one check, wrap or unwrap share.</summary>
    public CancellationTokenSource StartBudget() => new(options.Value.Budget, time);

    /// <param name="call">One try. Is given a token that ends with the try, and notes in its <see cref="AwsTry"/> whom it asks.</param>
    public async Task<AwsResult<T>> RunAsync<T>(Func<AwsTry, Task<T>> call, CancellationToken budget, CancellationToken cancellation)
        where T : class
    {
        RoleSession? refused = null;
        for (var tries = 1; ; tries++)
        {
            var attempt = new AwsTry(refused);
            var (result, failure) = await TryOnceAsync(call, attempt, budget, cancellation);
            if (failure is null)
                return new(result, null);
            logger.CallFailed(failure.Signal.Step, failure.Signal.Code, failure.Signal.Status, failure.Signal.RequestId, tries);
            var again = failure.Row.Retry switch
            {
                AwsRetry.Again => true,
                AwsRetry.FreshSession => refused is null,
                _ => false,
            };
            if (!again || tries >= options.Value.MaxTries || budget.IsCancellationRequested)
                return new(null, failure);
            if (failure.Row.Retry == AwsRetry.FreshSession)
                refused = attempt.Session;
            if (failure.Row.Retry == AwsRetry.Again && !await WaitAsync(tries, budget, cancellation))
                return new(null, failure);
        }
    }

    private async Task<AwsResult<T>> TryOnceAsync<T>(Func<AwsTry, Task<T>> call, AwsTry attempt, CancellationToken budget, CancellationToken cancellation)
        where T : class
    {
        using var limit = new CancellationTokenSource(options.Value.AttemptTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, budget, cancellation);
        attempt.Cancellation = linked.Token;
        try
        {
            // The limit holds even where the SDK does not look at its token.
            return new(await call(attempt).WaitAsync(linked.Token), null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e) when (AwsSignal.From(attempt.Step, e) is { } signal)
        {
            return new(null, AwsFailure.Of(signal));
        }
    }

    /// <summary>Full jitter: many checks that failed together do not come back together.</summary>
    /// <returns>false when the budget ended first.</returns>
    private async Task<bool> WaitAsync(int tries, CancellationToken budget, CancellationToken cancellation)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(budget, cancellation);
        try
        {
            await Task.Delay(options.Value.Backoff * Math.Pow(2, tries - 1) * ids.NextDouble(), time, linked.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>One try of a call.</summary>
/// <param name="refused">A session that KMS did not take: it must not be used again.</param>
internal sealed class AwsTry(RoleSession? refused)
{
    public RoleSession? Refused => refused;

    /// <summary>Ends with the try.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>Whom it is asking.</summary>
    public AwsStep Step { get; set; } = AwsStep.OwnCredential;

    /// <summary>The session it was made with, once there is one.</summary>
    public RoleSession? Session { get; set; }
}
