using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Functions.Clusters.Reconciliation;
using Ear.Nodes;
using Ear.Tests.CustomerKeys.Validation;
using Ear.Tests.Fakes;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Tests.Reconciliation;

public sealed class ReconcileClusterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_comes_up_is_encrypted_and_goes_again()
    {
        await using var world = await EngineWorld.StartAsync();
        var cluster = await world.CreateAsync(encryption: null);
        await world.IdleAsync();
        Assert.All(world.Nodes, n => Assert.True(n.IsUp));

        await world.WishAsync(c => c with { Spec = c.Spec with { EncryptionAtRestProvider = KeyProvider.Aws } });
        await world.IdleAsync();
        Assert.All(world.Nodes, n => Assert.Equal(EncryptionMode.Aes256Gcm, n.Encryption));
        Assert.Equal(
            world.Nodes.Skip(1).Append(world.Nodes.First()).Select(n => n.Id.Value),
            world.Store.AllEvents.Where(e => e.Type == "CLUSTER_INSTANCE_RESYNC_CLEARED").Select(e => e.NodeId));

        // At rest nothing runs.
        await world.UntilAsync(async () => await world.Client.GetInstanceAsync(ReconcileCluster.InstanceOf(cluster.Ref), Cancellation) is { RuntimeStatus: OrchestrationRuntimeStatus.Completed });

        await world.WishAsync(c => c with { DeletionRequested = true });
        await world.UntilAsync(async () => await world.ClusterAsync() is null);
        Assert.All(world.Nodes, n => Assert.True(n.IsRemoved));
    }

    [Fact]
    public async Task It_goes_on_where_it_was_when_Ear_starts_again()
    {
        await using var world = await EngineWorld.StartAsync();
        await world.CreateAsync(KeyProvider.Aws);
        await world.IdleAsync();
        await world.WishAsync(c => c with { Spec = c.Spec with { EncryptionAtRestProvider = null } });
        await world.UntilAsync(() => Task.FromResult(world.Nodes.Count(n => n.Encryption is EncryptionMode.None) == 1));
        await world.RestartAsync();
        await world.IdleAsync();

        Assert.All(world.Nodes, n => Assert.Equal(EncryptionMode.None, n.Encryption));
        Assert.Equal(3, world.Store.AllEvents.Count(e => e.Type == "CLUSTER_INSTANCE_RESYNC_CLEARED"));
    }

    [Fact]
    public async Task A_save_whose_answer_is_lost_is_made_once()
    {
        await using var world = await EngineWorld.StartAsync();
        await world.CreateAsync(encryption: null);
        await world.IdleAsync();
        var lost = 0;
        world.Store.Fault = point =>
        {
            // Only what an activity writes: the first order of a re-sync, and the first step of progress.
            if (point is SavePoint.AfterCommit && Environment.StackTrace.Contains(nameof(ClusterMoves), StringComparison.Ordinal) && Interlocked.Increment(ref lost) is 3)
                throw new IOException("The answer got lost.");
        };
        await world.WishAsync(c => c with { Spec = c.Spec with { EncryptionAtRestProvider = KeyProvider.Aws } });
        await world.IdleAsync();

        Assert.True(lost >= 3, "No answer was lost.");
        Assert.Equal(3, world.Store.AllEvents.Count(e => e.Type == "CLUSTER_INSTANCE_RESYNC_REQUESTED"));
        Assert.Equal(3, world.Store.AllEvents.Count(e => e.Type == "CLUSTER_INSTANCE_RESYNC_CLEARED"));
        Assert.Single(world.Store.AllEvents, e => e.Type == "CLUSTER_UPDATE_COMPLETED");
    }

    [Fact]
    public async Task A_wish_that_comes_while_it_works_is_carried_out_too()
    {
        await using var world = await EngineWorld.StartAsync();
        await world.CreateAsync(encryption: null);
        await world.UntilAsync(() => Task.FromResult(world.Nodes.Any(n => n.IsUp)));
        for (var size = 20; size <= 60; size += 10)
            await world.WishAsync(c => c with { Spec = c.Spec with { InstanceSize = $"M{size}" } });
        await world.IdleAsync();
        Assert.All(world.Nodes, n => Assert.Equal("M60", n.Size));
    }

    [Fact]
    public async Task The_minute_s_timer_finds_a_cluster_that_nobody_woke()
    {
        await using var world = await EngineWorld.StartAsync();
        await world.CreateAsync(encryption: null, wake: false);
        var timer = new WakeUnfinishedClusters(world.Store, world.Reconciler, world.Host.Services.GetRequiredService<IOptions<ReconciliationOptions>>());
        await timer.Run(new(), world.Client, Cancellation);
        await world.IdleAsync();
    }

    [Fact]
    public async Task Woken_by_many_at_once_it_runs_once()
    {
        await using var world = await EngineWorld.StartAsync();
        var cluster = await world.CreateAsync(encryption: null, wake: false);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.Reconciler.WakeAsync(cluster.Ref, Cancellation)));
        await world.IdleAsync();
        var instances = new List<string>();
        await foreach (var instance in world.Client.GetAllInstancesAsync())
            instances.Add(instance.InstanceId);
        Assert.Equal([ReconcileCluster.InstanceOf(cluster.Ref)], instances);
    }

    [Fact]
    public async Task Neither_tokens_nor_keys_are_in_a_history()
    {
        await using var world = await EngineWorld.StartAsync();
        await world.CreateAsync(KeyProvider.Aws);
        await world.IdleAsync();
        var nodes = (await world.Store.ListAsync(ConfiguredProject.Id, (await world.ClusterAsync())!.Id, Cancellation)).Select(n => n.Document).ToList();
        var history = await world.HistoryAsync();

        Assert.Contains(nameof(ReconciliationActivities.PlanNextMove), history, StringComparison.OrdinalIgnoreCase);
        Assert.All(world.Nodes, n => Assert.DoesNotContain(n.Token, history));
        Assert.All(nodes.SelectMany(n => n.MasterKeys.Values), k => Assert.DoesNotContain(Convert.ToBase64String(k.Ciphertext), history));
        Assert.DoesNotContain("arn:aws:iam", history);
    }
}
