using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.CustomerKeys.Validation;

public sealed class OnDemandValidationTests
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore _store = new();
    private readonly FakeCustomerKey _key;
    private readonly OnDemandValidation _validation;

    public OnDemandValidationTests()
    {
        _key = new(KeyProvider.Aws, _time);
        var consequences = new KeyConsequences(new KeyAlerts(_store, _store, _time), _store, new NobodyToWake(), _time);
        _validation = new(_store, new KeyChecks(_store, [_key], consequences, _time, NullLogger<KeyChecks>.Instance), _time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_check_that_outlives_its_project_does_not_bring_it_back()
    {
        var project = await ConfiguredProject.SaveAsync(_store, _key, _time);
        _key.NeverAnswers = true;
        var check = _validation.CheckNowAsync(project.Id, Cancellation);

        await _store.DeleteAsync(project, 1, [], Cancellation);
        _time.Advance(TimeSpan.FromSeconds(11));
        await check;

        Assert.Null(await _store.FindAsync(project.Id, Cancellation));
        Assert.Empty(await _store.ListAsync(project.Id, AlertStatus.Open, Cancellation));
    }

    [Fact]
    public async Task Callers_that_come_while_a_check_runs_share_its_answer()
    {
        await ConfiguredProject.SaveAsync(_store, _key, _time);
        _key.NeverAnswers = true;
        var callers = Enumerable.Range(0, 20).Select(_ => _validation.CheckNowAsync(ConfiguredProject.Id, Cancellation)).ToList();
        _time.Advance(TimeSpan.FromSeconds(11));
        var answers = await Task.WhenAll(callers);

        Assert.Equal(1, _key.Checks);
        Assert.All(answers, p => Assert.True(p!.EncryptionAtRest.StandingOf(KeyProvider.Aws)!.Valid));
    }

    [Fact]
    public async Task A_key_without_an_answer_in_ten_seconds_is_unreachable_and_keeps_its_standing()
    {
        await ConfiguredProject.SaveAsync(_store, _key, _time);
        _key.NeverAnswers = true;
        var check = _validation.CheckNowAsync(ConfiguredProject.Id, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(10));

        var standing = (await check)!.EncryptionAtRest.StandingOf(KeyProvider.Aws)!;
        Assert.True(standing.Valid);
        Assert.Equal(UnknownReason.NetworkUnreachable, Assert.IsType<KeyVerdict.Unknown>(standing.Last).Reason);
        Assert.Equal([KeyNews.NetworkAccessDenied], (await _store.ListAsync(ConfiguredProject.Id, AlertStatus.Open, Cancellation)).Select(a => a.Document.Type));
    }

    [Fact]
    public async Task A_caller_that_hangs_up_leaves_the_check_to_the_others()
    {
        await ConfiguredProject.SaveAsync(_store, _key, _time);
        _key.NeverAnswers = true;
        using var hangUp = new CancellationTokenSource();
        var gone = _validation.CheckNowAsync(ConfiguredProject.Id, hangUp.Token);
        var stays = _validation.CheckNowAsync(ConfiguredProject.Id, Cancellation);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.NotNull(await stays);
        Assert.Equal(1, _key.Checks);
    }

    [Fact]
    public async Task A_later_caller_gets_a_check_of_its_own()
    {
        await ConfiguredProject.SaveAsync(_store, _key, _time);
        await _validation.CheckNowAsync(ConfiguredProject.Id, Cancellation);
        await _validation.CheckNowAsync(ConfiguredProject.Id, Cancellation);
        Assert.Equal(2, _key.Checks);
    }

    [Fact]
    public async Task A_project_that_does_not_exist_is_null()
        => Assert.Null(await _validation.CheckNowAsync(ConfiguredProject.Id, Cancellation));

    [Fact]
    public async Task A_healthy_key_that_is_asked_for_again_and_again_is_not_written_each_time()
    {
        await ConfiguredProject.SaveAsync(_store, _key, _time);
        var saves = 0;
        _store.Fault = point => saves += point is SavePoint.AfterCommit ? 1 : 0;
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await _validation.CheckNowAsync(ConfiguredProject.Id, Cancellation);
        }
        Assert.Equal(0, saves);
    }

    private sealed class NobodyToWake : IReconciler
    {
        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
    }
}
