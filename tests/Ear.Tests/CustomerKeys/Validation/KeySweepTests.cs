using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.CustomerKeys.Validation;

public sealed class KeySweepTests
{
    private readonly FakeTimeProvider time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Projects_made_while_a_sweep_runs_push_no_other_out_of_it()
    {
        var key = new FakeCustomerKey(KeyProvider.Aws, time);
        var checks = new KeyChecks(store, [key], new KeyConsequences(new KeyAlerts(store, store, time), store, new NobodyToWake(), time), time, NullLogger<KeyChecks>.Instance);
        using var sweep = new KeySweep(store, checks, time, NullLogger<KeySweep>.Instance);
        for (var n = 0; n < KeySweep.ShardSize + 50; n++)
            await SaveAsync(key, 1000 + n);
        var end = await sweep.NextShardAsync(null, Cancellation);
        for (var n = 0; n < 7; n++)
            await SaveAsync(key, n);

        var first = await sweep.CheckShardAsync(null, end, Cancellation);
        var second = await sweep.CheckShardAsync(end, null, Cancellation);

        Assert.Equal((KeySweep.ShardSize + 7, 50), (first.Configurations[KeyProvider.Aws], second.Configurations[KeyProvider.Aws]));
        Assert.Equal(KeySweep.ShardSize + 57, key.Checks);
    }

    private Task SaveAsync(FakeCustomerKey key, int n) => ConfiguredProject.SaveAsync(store, key, time, ProjectId.FromValid($"{n:x24}"));

    private sealed class NobodyToWake : IReconciler
    {
        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
    }
}
