using Microsoft.Extensions.Logging;

namespace Ear.Agent.Keys;

internal static partial class Log
{
    [LoggerMessage(7100, LogLevel.Information, "Node key {KeyId} is wrapped and stored")]
    public static partial void Registered(ILogger logger, string keyId);

    [LoggerMessage(7101, LogLevel.Warning, "Node key {KeyId} could not be had: {Why}")]
    public static partial void KeyNotRead(ILogger logger, string keyId, string why);

    [LoggerMessage(7102, LogLevel.Warning, "The control plane lacked node key {KeyId}; it was given the wrapped key that this node kept")]
    public static partial void Returned(ILogger logger, string keyId);

    [LoggerMessage(7103, LogLevel.Warning, "The wrapped node key {KeyId} could not be given back to the control plane: {Why}")]
    public static partial void NotReturned(ILogger logger, string keyId, string why);

    [LoggerMessage(7104, LogLevel.Information, "The control plane was restored from a copy; it has the wrapped keys that this node kept")]
    public static partial void AllReturned(ILogger logger);

    [LoggerMessage(7105, LogLevel.Warning, "The control plane has another sealing key than at this node's enrolment: its operator renewed it")]
    public static partial void SealingKeyChanged(ILogger logger);
}
