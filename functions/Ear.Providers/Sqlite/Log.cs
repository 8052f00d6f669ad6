using Microsoft.Extensions.Logging;

namespace Ear.Providers.Sqlite;

// Ids 3000–3099.
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Store {Path} opened, schema {Schema}.")]
    public static partial void StoreOpened(this ILogger logger, string path, int schema);

    [LoggerMessage(3001, LogLevel.Information, "Store {Path}: schema {From} becomes {To}.")]
    public static partial void StoreMigrates(this ILogger logger, string path, int from, int to);

    // On the edge: once when saves begin to fail, once when they work again; each failed caller has the exception.
    [LoggerMessage(3002, LogLevel.Error, "Store {Path} cannot be written; saves are refused until it can.")]
    public static partial void StoreCannotWrite(this ILogger logger, Exception e, string path);

    [LoggerMessage(3003, LogLevel.Information, "Store {Path} is written again.")]
    public static partial void StoreWritesAgain(this ILogger logger, string path);
}
