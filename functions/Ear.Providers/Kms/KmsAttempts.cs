using Microsoft.Extensions.Logging;

namespace Ear.Providers.Kms;

/// <summary>
/// Tries, time limits and waits of one call. The caller's cancellation is thrown on; whatever else the service does becomes a <see cref="KmsFailure"/>.
/// </summary>
internal sealed class KmsAttempts(KmsCallOptions options, TimeProvider time, IIds ids, ILogger logger)
{
    public KmsBudget StartBudget(CancellationToken cancellation) => new(options.Budget, time, cancellation);

    /// <param name="call">One try. Notes its step and session in what it is given.</param>
    /// <param name="judge">The provider's table. Null for an exception that no call to the service throws: a bug, thrown on.</param>
    public async Task<KmsResult<T>> RunAsync<TStep, T>(Func<KmsTry<TStep>, Task<T>> call, Func<TStep, Exception, KmsFailure?> judge, KmsBudget budget)
        where TStep : struct, Enum
        where T : class
    {
        object? refused = null;
        KmsFailure? last = null;
        for (var tries = 1; ; tries++)
        {
            var (result, failure, used) = await TryOnceAsync(call, judge, refused, budget);
            if (failure is null)
                return new(result, null);
            logger.CallFailed(failure.Step, failure.Code, failure.Status, failure.RequestId, tries);
            // A gate that closed between two tries says less than what closed it.
            if (failure is GateFailure && last is not null)
                return new(null, last);
            last = failure;
            var again = failure.Retry is KmsRetry.Again || (failure.Retry is KmsRetry.Fresh && refused is null && used is not null);
            if (!again || tries >= options.MaxTries || budget.IsOver)
                return new(null, failure);
            if (failure.Retry is KmsRetry.Fresh)
                refused = used;
            else if (!await budget.WaitAsync(WaitAfter(failure, tries)))
                return new(null, failure);
        }
    }

    private async Task<(T? Value, KmsFailure? Failure, object? Used)> TryOnceAsync<TStep, T>(
        Func<KmsTry<TStep>, Task<T>> call, Func<TStep, Exception, KmsFailure?> judge, object? refused, KmsBudget budget)
        where TStep : struct, Enum
        where T : class
    {
        using var attempt = new KmsTry<TStep>(refused, budget, options.AttemptTimeout, time);
        try
        {
            // The limit holds even where an SDK does not look at its token.
            return (await call(attempt).WaitAsync(attempt.Cancellation), null, attempt.Used);
        }
        catch (OperationCanceledException) when (budget.Cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(budget.Cancellation);
        }
        catch (GateException e)
        {
            return (null, e.Failure, attempt.Used);
        }
        catch (OwnFaultException e)
        {
            return (null, e.Failure, attempt.Used);
        }
        catch (Exception e) when (judge(attempt.Step, e) is { } failure)
        {
            return (null, failure, attempt.Used);
        }
    }

    /// <summary>Full jitter: many checks that failed together do not come back together. On top of what the service asks for.</summary>
    private TimeSpan WaitAfter(KmsFailure failure, int tries) =>
        (failure.RetryAfter ?? TimeSpan.Zero) + (options.Backoff * Math.Pow(2, tries - 1) * ids.NextDouble());
}
