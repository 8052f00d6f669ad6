using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.AwsKms;

/// <summary>Event ids 3100–3199. Keys appear as a hash; AWS's texts and exceptions never, as they may quote a request.</summary>
internal static partial class Log
{
    [LoggerMessage(3100, LogLevel.Debug, "{Step} answered {Code} ({Status}), request {RequestId}, try {Try}")]
    public static partial void CallFailed(this ILogger logger, AwsStep step, string code, int status, string? requestId, int @try);

    // Debug, not warning: one key that is down is told by an alert, once; each check of it would be a line in here.
    [LoggerMessage(3101, LogLevel.Debug, "Key {KeyHash} did not open its canary: {Step} answered {Code}, request {RequestId}")]
    public static partial void KeyRefused(this ILogger logger, string keyHash, AwsStep step, string code, string? requestId);

    /// <summary>Enough to follow one key through a log, not enough to find it in somebody's account.</summary>
    public static string Hash(string keyIdentifier) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keyIdentifier)).AsSpan(0, 6));
}
