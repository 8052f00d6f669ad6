using Microsoft.Extensions.Logging;

namespace Ear.Local.Host.Timers;

/// <summary>Events 5100 to 5199.</summary>
internal static partial class TimerLog
{
    [LoggerMessage(5100, LogLevel.Warning, "Timer {Function}: {Path} cannot be read; the timer starts over, and a run missed while the host was down is not made up for")]
    public static partial void StatusUnreadable(ILogger log, string function, string path, Exception exception);

    [LoggerMessage(5101, LogLevel.Error, "Timer {Function} failed; it runs again at its next occurrence")]
    public static partial void RunFailed(ILogger log, string function, Exception exception);

    [LoggerMessage(5102, LogLevel.Information, "Timer {Function} makes up for its occurrence of {Occurrence:O}")]
    public static partial void PastDue(ILogger log, string function, DateTimeOffset occurrence);

    [LoggerMessage(5103, LogLevel.Error, "Timer {Function}: its last run could not be written down; after a restart it may run once more")]
    public static partial void StatusNotSaved(ILogger log, string function, Exception exception);
}
