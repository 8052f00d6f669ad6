using Microsoft.Extensions.Logging;

namespace Ear.Local.ServiceBus;

/// <summary>Events 5200 to 5299.</summary>
internal static partial class ServiceBusLog
{
    [LoggerMessage(5200, LogLevel.Error, "Function {Function} failed for message {MessageId}, delivery {DeliveryCount}; the message is tried again until its deliveries run out")]
    public static partial void FunctionFailed(ILogger log, string function, string? messageId, int deliveryCount, Exception exception);

    [LoggerMessage(5201, LogLevel.Warning, "Function {Function} took longer than the lock of message {MessageId}: the message is delivered again")]
    public static partial void LockLost(ILogger log, string function, string? messageId, Exception exception);

    [LoggerMessage(5202, LogLevel.Error, "What function {Function} made of message {MessageId} could not be written; the message is delivered again")]
    public static partial void NotSettled(ILogger log, string function, string? messageId, Exception exception);

    [LoggerMessage(5203, LogLevel.Warning, "Function {Function} settles its messages itself: set AutoCompleteMessages = false on its trigger, or Azure will try to settle them twice")]
    public static partial void SettledTwice(ILogger log, string function);

    [LoggerMessage(5204, LogLevel.Error, "Function {Function}: nothing can be received from {Path}; it is tried again")]
    public static partial void NotReceived(ILogger log, string function, string path, Exception exception);
}
