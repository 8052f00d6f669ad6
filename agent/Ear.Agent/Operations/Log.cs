using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Operations;

internal static partial class Log
{
    [LoggerMessage(7500, LogLevel.Information, "{Kind} {OpId} begins")]
    public static partial void Begun(ILogger logger, NodeOpKind kind, string opId);

    [LoggerMessage(7501, LogLevel.Information, "{Kind} {OpId} goes on at {Step}")]
    public static partial void Resumed(ILogger logger, NodeOpKind kind, string opId, string step);

    [LoggerMessage(7502, LogLevel.Information, "{OpId}: {Step}")]
    public static partial void Step(ILogger logger, string opId, string step);

    [LoggerMessage(7503, LogLevel.Information, "{Kind} {OpId} succeeded after {Seconds:F1} s")]
    public static partial void Succeeded(ILogger logger, NodeOpKind kind, string opId, double seconds);

    [LoggerMessage(7504, LogLevel.Warning, "{Kind} {OpId} failed at {Step}: {Code}: {Why}")]
    public static partial void Failed(ILogger logger, NodeOpKind kind, string opId, string step, string code, string why);

    [LoggerMessage(7505, LogLevel.Error, "{OpId}: {Step} cannot be carried out now; it is tried again until the deadline")]
    public static partial void StepFailed(ILogger logger, string opId, string step, Exception exception);
}
