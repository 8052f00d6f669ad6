using Microsoft.Extensions.Logging;

namespace Ear.Local.Host;

/// <summary>Events 5000 to 5099.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Error, "Function {Function} failed, invocation {InvocationId}")]
    public static partial void FunctionFailed(ILogger log, string function, string invocationId, Exception exception);

    [LoggerMessage(5001, LogLevel.Information, "{Count} functions: {Functions}")]
    public static partial void FunctionsFound(ILogger log, int count, string functions);

    [LoggerMessage(5002, LogLevel.Warning, "{Count} invocations still ran {Bound} after the stop was asked for; they are abandoned")]
    public static partial void StopTimedOut(ILogger log, int count, TimeSpan bound);
}
