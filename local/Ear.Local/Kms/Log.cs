using Microsoft.Extensions.Logging;

namespace Ear.Local.Kms;

/// <summary>Event ids 2200–2299.</summary>
internal static partial class Log
{
    [LoggerMessage(2200, LogLevel.Information, "Local key management services on {Urls}; control API on {ControlUrl}; keys in {Folder}")]
    public static partial void Started(this ILogger logger, string urls, string controlUrl, string folder);

    [LoggerMessage(2201, LogLevel.Error, "{Service} {Operation} failed, request {RequestId}")]
    public static partial void RequestFailed(this ILogger logger, string service, string operation, string requestId, Exception exception);

    [LoggerMessage(2202, LogLevel.Information, "The local {Service} refuses connections: {Refuses}")]
    public static partial void RefusalChanged(this ILogger logger, string service, bool refuses);
}
