using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable;

internal static partial class Log
{
    [LoggerMessage(2100, LogLevel.Information, "Durable engine started on {File}: {Unfinished} unfinished instances, {Detached} activities of finished ones")]
    public static partial void Started(ILogger logger, string file, int unfinished, int detached);

    [LoggerMessage(2101, LogLevel.Information, "Durable engine stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(2110, LogLevel.Warning, "A group of {Count} writes was rolled back; each is tried alone")]
    public static partial void GroupRolledBack(ILogger logger, Exception exception, int count);

    [LoggerMessage(2111, LogLevel.Error, "{Write} could not be written: look at the disk's free space and health")]
    public static partial void WriteFailed(ILogger logger, Exception exception, string write);

    [LoggerMessage(2112, LogLevel.Critical, "The durable engine's writer died: nothing more is written until the process is started anew")]
    public static partial void WriterDied(ILogger logger, Exception exception);

    [LoggerMessage(2120, LogLevel.Warning, "Orchestration '{Name}' ({InstanceId}) failed: {Reason}")]
    public static partial void OrchestrationFailed(ILogger logger, string name, string instanceId, string reason);

    [LoggerMessage(2121, LogLevel.Error, "A turn of instance key {Key} could not be carried out (failure {Attempt}); next try in {Delay}")]
    public static partial void TurnPutOff(ILogger logger, Exception exception, long key, int attempt, TimeSpan delay);

    [LoggerMessage(2130, LogLevel.Warning, "Activity '{Name}' of instance '{InstanceId}' failed: {ErrorType}")]
    public static partial void ActivityFailed(ILogger logger, string name, string instanceId, string errorType);

    [LoggerMessage(2140, LogLevel.Information, "{Kind} for instance '{InstanceId}' was dropped: there is no such unfinished instance")]
    public static partial void MessageDropped(ILogger logger, History.MessageKind kind, string instanceId);
}
