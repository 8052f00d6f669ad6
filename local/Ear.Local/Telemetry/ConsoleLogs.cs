using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Ear.Local.Telemetry;

/// <summary>
/// Logs on standard error: a line for people, or with <c>EAR_LOG=json</c> one JSON document a line for programs, with the fields of each message and the
/// trace that it belongs to.
/// </summary>
internal static class ConsoleLogs
{
    public const string Variable = "EAR_LOG";

    public static ILoggingBuilder AddStandardError(this ILoggingBuilder logging)
    {
        if (Environment.GetEnvironmentVariable(Variable) == "json")
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat, console.IncludeScopes) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ", true));
        else
            logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
    }
}
