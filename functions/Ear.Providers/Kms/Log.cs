using System.Security.Cryptography;
using System.Text;
using Ear.CustomerKeys;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.Kms;

/// <summary>Event ids 3200–3299, of all providers of keys. Keys appear as a hash; a service's texts and exceptions never, as they may quote a request.</summary>
internal static partial class Log
{
    [LoggerMessage(3200, LogLevel.Debug, "{Step} answered {Code} ({Status}), request {RequestId}, try {Try}")]
    public static partial void CallFailed(this ILogger logger, string step, string code, int status, string? requestId, int @try);

    // Debug, not warning: one key that is down is told by an alert, once; each check of it would be a line in here.
    [LoggerMessage(3201, LogLevel.Debug, "Key {KeyHash} did not open its canary: {Step} answered {Code}, request {RequestId}")]
    public static partial void KeyRefused(this ILogger logger, string keyHash, string step, string code, string? requestId);

    [LoggerMessage(3202, LogLevel.Warning, "{Place} failed {Failures} times in a row, last {Reason}; it is left alone for {Rest} and then tried with one call. Keys there are unknown meanwhile; nothing is stopped for it")]
    public static partial void CircuitOpened(this ILogger logger, string place, UnknownReason reason, int failures, TimeSpan rest);

    [LoggerMessage(3203, LogLevel.Information, "{Place} answers again after {Downtime}")]
    public static partial void CircuitClosed(this ILogger logger, string place, TimeSpan downtime);

    [LoggerMessage(3204, LogLevel.Error, "Ear lacks what is its own ({Code}): {Why}. Keys that need it are unknown meanwhile; nothing is stopped for it")]
    public static partial void OwnMeansAway(this ILogger logger, string code, string why);

    [LoggerMessage(3205, LogLevel.Information, "Ear has what is its own again")]
    public static partial void OwnMeansBack(this ILogger logger);

    /// <summary>Enough to follow one key through a log, not enough to find it in somebody's account.</summary>
    public static string Hash(string keyIdentifier) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keyIdentifier)).AsSpan(0, 6));
}
