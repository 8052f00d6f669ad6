using Microsoft.Extensions.Logging;

namespace Ear.Providers.Secrets;

// Ids 3600–3699. Names of secrets are no secrets.
internal static partial class Log
{
    [LoggerMessage(3600, LogLevel.Information, "The secret {Name} is sealed under the data key of today")]
    public static partial void SealedAnew(this ILogger logger, string name);

    [LoggerMessage(3601, LogLevel.Warning, "The secret {Name} was read, and stays under its older data key until it is read again")]
    public static partial void NotSealedAnew(this ILogger logger, Exception e, string name);

    [LoggerMessage(3602, LogLevel.Information, "Data key {Id} was made, wrapped by {Key}")]
    public static partial void DataKeyMade(this ILogger logger, string id, string key);

    [LoggerMessage(3603, LogLevel.Error, "A new data key is due and cannot be made; the one of {Created} stays in use, and the next try is in {Rest}")]
    public static partial void DataKeyNotMade(this ILogger logger, Exception e, DateTimeOffset created, TimeSpan rest);

    [LoggerMessage(3604, LogLevel.Error, "The secret {Name} stays under its older data key: it does not open, or only a digest of its name is known. Have its owner send it again")]
    public static partial void LeftUnderOlderKey(this ILogger logger, string name);

    [LoggerMessage(3605, LogLevel.Information, "Data key {Id} is wrapped by {Key} now")]
    public static partial void DataKeyRewrapped(this ILogger logger, string id, string key);

    [LoggerMessage(3606, LogLevel.Error, "The row {Name} of a data key stays as it is: it cannot be opened, or not be wrapped anew")]
    public static partial void DataKeyNotRewrapped(this ILogger logger, Exception e, string name);

    [LoggerMessage(3607, LogLevel.Error, "Which data key is the newest cannot be told, or one that must not be used any more cannot be replaced; what needs none goes on, and the next look is in {Rest}")]
    public static partial void NewestKeyNotTold(this ILogger logger, Exception e, TimeSpan rest);
}
