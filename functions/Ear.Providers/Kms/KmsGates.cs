using Ear.CustomerKeys;
using Ear.Limits;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.Kms;

/// <summary>Where a call goes.</summary>
/// <param name="Place">What fails together: a region of a service, a vault's host, a token endpoint.</param>
/// <param name="Quota">Whom the provider charges the call to; calls a second are bounded for each.</param>
internal readonly record struct KmsEndpoint(string Place, string Quota);

/// <summary>
/// The way to a service, bounded: calls a second for each quota, calls in flight and a circuit breaker for each place, so that a regional outage costs one
/// probe and not a call for each key (spec kms §4). A closed gate is <see cref="UnknownReason"/> of the failure that closed it, never a no.
/// </summary>
internal sealed class KmsGates(KmsCallOptions options, TimeProvider time, ILogger logger)
{
    private const int MostPlaces = 10_000;
    private const int MostQuotas = 100_000;
    private readonly BoundedMap<string, Gate> places = new(MostPlaces, time);
    private readonly BoundedMap<string, CallRate> quotas = new(MostQuotas, time);

    /// <summary>A call within a try: waits as long as the try's budget lasts, and the try's time begins when the call does.</summary>
    /// <param name="callsPerSecond">Of this endpoint's quota.</param>
    public Task<T> RunAsync<TStep, T>(KmsEndpoint at, KmsTry<TStep> attempt, double callsPerSecond, Func<Task<T>> call, Func<TStep, Exception, KmsFailure?> judge)
        where TStep : struct, Enum
    {
        attempt.Pause();
        return RunAsync(
            at, attempt.Budget,
            async () =>
            {
                attempt.Restart();
                // Not left to the call: an SDK that overlooks its token must not keep its place here.
                return await call().WaitAsync(attempt.Cancellation);
            },
            e => judge(attempt.Step, e), callsPerSecond);
    }

    /// <summary>A call for a session or token that many checks share: ends by its own limits, not by one caller's cancellation.</summary>
    /// <param name="callsPerSecond">Of this endpoint's quota.</param>
    public async Task<T> RunSharedAsync<T>(KmsEndpoint at, double callsPerSecond, Func<CancellationToken, Task<T>> call, Func<Exception, KmsFailure?> judge)
    {
        using var budget = new KmsBudget(options.Budget, time, CancellationToken.None);
        return await RunAsync(
            at, budget,
            async () =>
            {
                using var limit = new CancellationTokenSource(options.AttemptTimeout, time);
                return await call(limit.Token).WaitAsync(limit.Token);
            },
            judge, callsPerSecond);
    }

    /// <exception cref="GateException">The call was not made.</exception>
    private async Task<T> RunAsync<T>(KmsEndpoint at, KmsBudget budget, Func<Task<T>> call, Func<Exception, KmsFailure?> judge, double callsPerSecond)
    {
        var gate = places.GetOrAdd(at.Place, _ => new Gate(options, time));
        if (gate.Circuit.Refuses)
            throw Closed(at, gate);
        var rate = quotas.GetOrAdd(at.Quota, _ => new CallRate(callsPerSecond, Math.Max(1, callsPerSecond / 10), time));
        if (rate.Book(budget.Left) is not { } wait || !await budget.WaitAsync(wait))
            throw TooMany(at);
        await EnterAsync(at, gate, budget);
        try
        {
            return await ThroughAsync(at, gate, call, judge, budget);
        }
        finally
        {
            gate.InFlight.Release();
        }
    }

    private static async Task EnterAsync(KmsEndpoint at, Gate gate, KmsBudget budget)
    {
        try
        {
            await gate.InFlight.WaitAsync(budget.Token);
        }
        catch (OperationCanceledException) when (!budget.Cancellation.IsCancellationRequested)
        {
            throw TooMany(at);
        }
    }

    private async Task<T> ThroughAsync<T>(KmsEndpoint at, Gate gate, Func<Task<T>> call, Func<Exception, KmsFailure?> judge, KmsBudget budget)
    {
        var entry = gate.Circuit.Enter();
        if (entry is CircuitEntry.Refused)
            throw Closed(at, gate);
        try
        {
            var result = await call();
            Tell(at, gate, gate.Circuit.Answered(entry));
            return result;
        }
        catch (Exception e)
        {
            if (budget.Cancellation.IsCancellationRequested)
                gate.Circuit.Abandoned(entry);
            else
                Judged(at, gate, entry, judge(e));
            throw;
        }
    }

    private void Judged(KmsEndpoint at, Gate gate, CircuitEntry entry, KmsFailure? failure)
    {
        if (failure is null)
        {
            // A bug of ours: it says nothing about the service.
            gate.Circuit.Abandoned(entry);
        }
        else if (failure is { IsOfService: true, Verdict: KeyVerdict.Unknown unknown })
        {
            gate.Last = unknown.Reason;
            Tell(at, gate, gate.Circuit.Failed(entry));
        }
        else
        {
            Tell(at, gate, gate.Circuit.Answered(entry));
        }
    }

    private void Tell(KmsEndpoint at, Gate gate, CircuitEdge edge)
    {
        if (edge is CircuitEdge.Opened)
            logger.CircuitOpened(at.Place, gate.Last, options.BreakAfter, options.BreakFor);
        else if (edge is CircuitEdge.Closed)
            logger.CircuitClosed(at.Place, gate.Circuit.OpenFor);
    }

    private static GateException Closed(KmsEndpoint at, Gate gate) => new(
        "CircuitOpen", new KeyVerdict.Unknown(gate.Last, $"{at.Place} failed many times in a row and is left alone (circuit open); Ear asks again in {Math.Ceiling(gate.Circuit.Rest.TotalSeconds)} s."));

    // Ear's own bound, so Ear's own fault: the operator hears of it, and no customer is told that their service throttles.
    private static GateException TooMany(KmsEndpoint at) => new(
        "RateBound", new KeyVerdict.Unknown(UnknownReason.OurFault, $"Ear has more to ask {at.Place} than its settings let it ask; this was not asked in time. CallsPerSecond and CallsInFlight raise the bounds."));

    private sealed class Gate(KmsCallOptions options, TimeProvider time)
    {
        public Circuit Circuit { get; } = new(options.BreakAfter, options.BreakFor, time);

        public SemaphoreSlim InFlight { get; } = new(options.CallsInFlight, options.CallsInFlight);

        /// <summary>Why the last call failed.</summary>
        public UnknownReason Last { get; set; } = UnknownReason.ProviderFault;
    }
}

/// <summary>The gate's own answer: the service was not asked.</summary>
internal sealed record GateFailure(string Reason, KeyVerdict.Unknown Unknown) : KmsFailure("Gate", Reason, 0, Unknown, KmsRetry.No);

internal sealed class GateException(string reason, KeyVerdict.Unknown verdict) : Exception(verdict.Detail)
{
    public GateFailure Failure { get; } = new(reason, verdict) { IsOfService = false };
}
