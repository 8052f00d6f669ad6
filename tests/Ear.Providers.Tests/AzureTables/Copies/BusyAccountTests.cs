using Azure.Data.Tables;
using Ear.Copies;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.Stores;

namespace Ear.Providers.Tests.AzureTables.Copies;

/// <summary>A restore writes as fast as the account takes it; when it is asked to wait, it waits.</summary>
public sealed class BusyAccountTests : IDisposable
{
    private readonly FaultyTransport _network = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task A_restore_goes_on_after_the_account_was_busy_within_a_transaction()
    {
        using var world = new CopyWorld();
        var project = Some.Project();
        await world.Store.Projects.SaveAsync(project, 0, [Some.Event(project.Id)], Cancellation);
        await world.CopyAsync();
        var (prefix, busy) = (CopyWorld.NewPrefix(), 3);
        _network.Decide = (_, path) => IsTransaction(path) && Interlocked.Decrement(ref busy) >= 0 ? FaultyTransport.Inside(503, "ServerBusy") : null;

        var report = await world.RestoreAsync(prefix, options => options.Transport = _network);

        Assert.True(busy < 0);
        Assert.Empty(report.Warnings);
        Assert.NotNull(await world.At(prefix).Projects.FindAsync(project.OrgId, project.Name, Cancellation));
    }

    [Fact]
    public async Task An_account_that_stays_busy_is_waited_for_longer_and_longer_and_not_for_ever()
    {
        using var store = new AzureUnderTest(options => options.Transport = _network);
        var time = new AtOnce();
        using var writer = new PartitionWriter(store.Store, new SystemIds(TimeProvider.System), time);
        _network.Decide = (_, path) => IsTransaction(path) ? FaultyTransport.Inside(503, "ServerBusy") : null;

        var e = await Assert.ThrowsAsync<StoreException>(() => writer.PourAsync(CopyTable.Index, [new TableEntity("p", "r")], Cancellation));

        Assert.Contains("Run the same command again", e.Message, StringComparison.Ordinal);
        Assert.Equal(_network.Transactions.Count, time.Waits.Count);
        Assert.InRange(time.Waits.Count, 10, 100);
        Assert.True(time.Waits[0] < TimeSpan.FromMilliseconds(50) && time.Waits[^1] > TimeSpan.FromMilliseconds(400), string.Join(' ', time.Waits));
        Assert.All(time.Waits, w => Assert.InRange(w, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        // All alike, those who wait would come again together.
        Assert.True(time.Waits.Distinct().Count() > 10, string.Join(' ', time.Waits));
    }

    private static bool IsTransaction(string path) => path.EndsWith("$batch", StringComparison.Ordinal);

    /// <summary>Every wait is over as soon as it begins.</summary>
    private sealed class AtOnce : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
