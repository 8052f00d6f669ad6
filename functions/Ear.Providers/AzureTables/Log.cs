using Microsoft.Extensions.Logging;

namespace Ear.Providers.AzureTables;

// Ids 3200–3299.
internal static partial class Log
{
    [LoggerMessage(3200, LogLevel.Information, "Store in the tables {Prefix}Documents and {Prefix}Index of {Account}.")]
    public static partial void StoreReady(this ILogger logger, string prefix, string account);

    // Nothing is wrong with the save: what stays behind is not believed by anybody, and is swept away or claimed.
    [LoggerMessage(3201, LogLevel.Information, "Saved, but what {Document} had before could not be tidied away.")]
    public static partial void LeftBehind(this ILogger logger, Exception e, string document);

    // The events are saved; the next drain of the outbox hands them over.
    [LoggerMessage(3202, LogLevel.Warning, "Events of {Partition} are saved but not yet in their project's chain; the outbox goes on with them.")]
    public static partial void NotHandedOver(this ILogger logger, Exception e, string partition);

    [LoggerMessage(3203, LogLevel.Information, "{Count} blobs that no document names were swept away.")]
    public static partial void BlobsSwept(this ILogger logger, int count);

    [LoggerMessage(3204, LogLevel.Warning, "The sweep of blobs that no document names failed; it is tried again at its next time.")]
    public static partial void SweepFailed(this ILogger logger, Exception e);

    [LoggerMessage(3205, LogLevel.Information, "Ear's state is copied to {Copy}: {Parts} parts, {Rows} rows, of which {Damaged} are damaged.")]
    public static partial void StateCopied(this ILogger logger, string copy, int parts, long rows, int damaged);

    // One bad document must not keep all others from being copied.
    [LoggerMessage(3206, LogLevel.Error, "The row '{Row}' of '{Partition}' names a blob that is not there or not what was saved; it was copied without it. Restore the blob from the account's soft delete.")]
    public static partial void DamagedRowCopied(this ILogger logger, string partition, string row);

    // Once, until it is well again: the outbox is looked at every few seconds.
    [LoggerMessage(3207, LogLevel.Error, "Events of {Partition} wait and are not announced; those of others go on.")]
    public static partial void EventsHeldBack(this ILogger logger, Exception e, string partition);

    [LoggerMessage(3208, LogLevel.Information, "Events of {Partition} are announced again.")]
    public static partial void EventsGoOn(this ILogger logger, string partition);
}
