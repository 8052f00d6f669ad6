using Ear.CustomerKeys;
using Ear.Providers.AwsKms;
using Ear.Providers.Kms;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.Kms;

/// <summary>The way to a service: bounded, and closed while the service is down.</summary>
public sealed class KmsGatesTests
{
    private static readonly KmsEndpoint There = new("a region", "an account");
    private readonly FakeTimeProvider time = new();
    private readonly AwsKmsOptions options = new() { BreakAfter = 3, BreakFor = TimeSpan.FromSeconds(30), CallsPerSecond = 10, CallsInFlight = 2 };
    private readonly KmsGates gates;
    private int calls;

    public KmsGatesTests() => gates = new KmsGates(options, time, NullLogger.Instance);

    [Fact]
    public async Task Failures_in_a_row_close_the_gate_and_one_probe_opens_it_again()
    {
        for (var i = 0; i < 3; i++)
            await FailAsync(UnknownReason.NetworkUnreachable);

        var closed = await Assert.ThrowsAsync<GateException>(() => RunAsync(() => Task.FromResult("ok")));
        Assert.Equal(UnknownReason.NetworkUnreachable, Assert.IsType<KeyVerdict.Unknown>(closed.Failure.Verdict).Reason);
        Assert.Contains("circuit open", closed.Failure.Unknown.Detail);
        Assert.Equal(3, calls);

        time.Advance(TimeSpan.FromSeconds(31));
        var probe = new TaskCompletionSource<string>();
        var probing = RunAsync(() => probe.Task);
        await Assert.ThrowsAsync<GateException>(() => RunAsync(() => Task.FromResult("ok")));
        probe.SetResult("ok");
        await probing;
        Assert.Equal("ok", await RunAsync(() => Task.FromResult("ok")));
        Assert.Equal(5, calls);
    }

    [Fact]
    public async Task A_probe_that_fails_makes_another_rest()
    {
        for (var i = 0; i < 3; i++)
            await FailAsync(UnknownReason.ProviderFault);
        time.Advance(TimeSpan.FromSeconds(31));
        await FailAsync(UnknownReason.ProviderFault);

        await Assert.ThrowsAsync<GateException>(() => RunAsync(() => Task.FromResult("ok")));
    }

    [Fact]
    public async Task A_probe_that_its_caller_called_off_leaves_the_place_to_the_next()
    {
        for (var i = 0; i < 3; i++)
            await FailAsync(UnknownReason.ProviderFault);
        time.Advance(TimeSpan.FromSeconds(31));
        using var cancel = new CancellationTokenSource();
        using var budget = new KmsBudget(TimeSpan.FromSeconds(10), time, cancel.Token);
        var probing = RunAsync(() => Task.Delay(Timeout.InfiniteTimeSpan, time, cancel.Token).ContinueWith<string>(_ => throw new OperationCanceledException(cancel.Token), TaskScheduler.Default), budget);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probing);

        Assert.Equal("ok", await RunAsync(() => Task.FromResult("ok")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_no_or_a_fault_of_ours_is_an_answer_and_keeps_the_gate_open(bool invalid)
    {
        KeyVerdict verdict = invalid ? new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "") : new KeyVerdict.Unknown(UnknownReason.OurFault, "");
        for (var i = 0; i < 10; i++)
            await Assert.ThrowsAsync<ServiceException>(() => RunAsync(() => throw new ServiceException(verdict)));

        Assert.Equal(10, calls);
    }

    [Fact]
    public async Task An_answer_in_between_starts_the_count_anew()
    {
        for (var i = 0; i < 5; i++)
        {
            await FailAsync(UnknownReason.Throttled);
            await FailAsync(UnknownReason.Throttled);
            await RunAsync(() => Task.FromResult("ok"));
        }

        Assert.Equal(15, calls);
    }

    [Fact]
    public async Task Another_place_is_not_touched()
    {
        for (var i = 0; i < 3; i++)
            await FailAsync(UnknownReason.ProviderFault);

        Assert.Equal("ok", await RunAsync(() => Task.FromResult("ok"), at: There with { Place = "elsewhere" }));
    }

    [Fact]
    public async Task Ten_calls_a_second_are_no_more_and_what_does_not_fit_into_its_budget_is_ears_own_fault()
    {
        var running = Enumerable.Range(0, 200).Select(_ => Record.ExceptionAsync(() => RunAsync(() => Task.FromResult("ok"), paced: true)).AsTask()).ToList();
        for (var second = 0; second < 5; second++)
        {
            var before = calls;
            for (var step = 0; step < 10; step++)
                await StepAsync(TimeSpan.FromMilliseconds(100));
            Assert.InRange(calls - before, 8, 12);
        }
        await StepAsync(TimeSpan.FromSeconds(10));

        var refused = (await Task.WhenAll(running)).OfType<GateException>().ToList();
        Assert.InRange(refused.Count, 95, 105);
        Assert.All(refused, r => Assert.Equal(UnknownReason.OurFault, r.Failure.Unknown.Reason));
    }

    [Fact]
    public async Task No_more_calls_are_in_flight_than_may_be()
    {
        var hold = new TaskCompletionSource<string>();
        var running = Enumerable.Range(0, 5).Select(_ => RunAsync(() => hold.Task)).ToList();
        Assert.Equal(2, calls);

        hold.SetResult("ok");
        await Task.WhenAll(running);
        Assert.Equal(5, calls);
    }

    private async Task StepAsync(TimeSpan by)
    {
        time.Advance(by);
        await Task.Delay(5);
    }

    private async Task FailAsync(UnknownReason reason) =>
        await Assert.ThrowsAsync<ServiceException>(() => RunAsync(() => throw new ServiceException(new KeyVerdict.Unknown(reason, ""))));

    private async Task<string> RunAsync(Func<Task<string>> call, KmsBudget? budget = null, KmsEndpoint? at = null, bool paced = false)
    {
        using var own = budget is null ? new KmsBudget(TimeSpan.FromSeconds(10), time, CancellationToken.None) : null;
        using var attempt = new KmsTry<AwsStep>(null, budget ?? own!, TimeSpan.FromSeconds(3), time);
        return await gates.RunAsync(
            at ?? There, attempt, paced ? options.CallsPerSecond : 100_000,
            () =>
            {
                Interlocked.Increment(ref calls);
                return call();
            },
            (_, e) => e is ServiceException s ? new KmsFailure("Kms", "X", 500, s.Verdict, KmsRetry.No) : null);
    }

    private sealed class ServiceException(KeyVerdict verdict) : Exception
    {
        public KeyVerdict Verdict => verdict;
    }
}
