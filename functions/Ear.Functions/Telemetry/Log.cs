using Microsoft.Extensions.Logging;

namespace Ear.Functions.Telemetry;

/// <summary>Events 900 to 949, on the edge.</summary>
internal static partial class Log
{
    [LoggerMessage(900, LogLevel.Warning, "{Source} cannot be read; its gauge shows what it was until then, and ear.gauges.age grows")]
    public static partial void GaugeNotRead(ILogger logger, string source, Exception e);

    [LoggerMessage(901, LogLevel.Information, "{Source} is read again")]
    public static partial void GaugeReadAgain(ILogger logger, string source);
}
