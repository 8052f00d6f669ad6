using Microsoft.Extensions.Logging;

namespace Ear.Agent.Keys;

internal static partial class Log
{
    [LoggerMessage(7100, LogLevel.Information, "Node key {KeyId} is wrapped and stored")]
    public static partial void Registered(ILogger logger, string keyId);

    [LoggerMessage(7101, LogLevel.Warning, "Node key {KeyId} could not be had: {Why}")]
    public static partial void KeyNotRead(ILogger logger, string keyId, string why);
}
