using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.AzureTables;

/// <summary>
/// Takes away blobs that no row names: of saves that lost, or died between blob and row. Only such that are a day old by the account's own clock: no save takes
/// that long between the two, since each of its calls and repeats has an end.
/// </summary>
internal sealed class BlobSweep(TableStore store, TimeProvider time, ILogger<BlobSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(24);
    private static readonly TimeSpan Spared = TimeSpan.FromHours(24);

    /// <returns>How many were taken away.</returns>
    public async Task<int> RunAsync(TimeSpan spared, CancellationToken cancellation)
    {
        var swept = 0;
        await using var pages = store.Large.GetBlobsAsync(cancellationToken: cancellation).AsPages().GetAsyncEnumerator(cancellation);
        while (await TableStore.CallAsync(() => pages.MoveNextAsync().AsTask()))
        {
            var now = pages.Current.GetRawResponse().Headers.Date ?? time.GetUtcNow();
            foreach (var blob in pages.Current.Values.Where(b => now - b.Properties.LastModified >= spared))
            {
                if (await IsNamedAsync(blob.Name, cancellation))
                    continue;
                await TableStore.CallAsync(() => store.Large.DeleteBlobIfExistsAsync(
                    blob.Name, DeleteSnapshotsOption.IncludeSnapshots, new BlobRequestConditions { IfMatch = blob.Properties.ETag }, cancellation));
                swept++;
            }
        }
        return swept;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await RunAsync(Spared, stoppingToken) is > 0 and var swept)
                    logger.BlobsSwept(swept);
            }
            catch (StoreException e)
            {
                logger.SweepFailed(e);
            }
            await Task.Delay(Every, time, stoppingToken);
        }
    }

    // partition/row/unique, see Contents.
    private async Task<bool> IsNamedAsync(string blob, CancellationToken cancellation)
        => blob.Split('/') is not [var partition, var row, _]
            || (await store.FindAsync(partition, row, cancellation))?.GetString(Contents.BlobProperty) == blob;
}
