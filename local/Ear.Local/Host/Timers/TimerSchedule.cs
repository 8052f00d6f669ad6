using System.Diagnostics.CodeAnalysis;
using NCrontab;

namespace Ear.Local.Host.Timers;

/// <summary>A six-field NCRONTAB expression (seconds first), in UTC.</summary>
internal sealed class TimerSchedule
{
    /// <summary>Look back this far, one after the other, for the occurrence before another.</summary>
    private static readonly TimeSpan[] LookBack =
    [
        TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(32),
        TimeSpan.FromDays(366), TimeSpan.FromDays(366 * 8),
    ];

    private readonly CrontabSchedule _crontab;

    private TimerSchedule(CrontabSchedule crontab) => _crontab = crontab;

    public static bool TryParse(string expression, [NotNullWhen(true)] out TimerSchedule? schedule)
    {
        var crontab = CrontabSchedule.TryParse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = true });
        schedule = crontab is null ? null : new TimerSchedule(crontab);
        return schedule is not null;
    }

    /// <summary>The first occurrence later than <paramref name="time"/>; null when there is none any more (31 February).</summary>
    public DateTimeOffset? After(DateTimeOffset time)
    {
        var next = _crontab.GetNextOccurrence(time.UtcDateTime);
        return next >= DateTime.MaxValue.Date ? null : Utc(next);
    }

    /// <summary>The last occurrence at or before <paramref name="time"/>; null when there was none in the last 8 years.</summary>
    public DateTimeOffset? AtOrBefore(DateTimeOffset time)
    {
        var end = time.UtcDateTime.AddTicks(1);
        foreach (var span in LookBack)
        {
            DateTime? last = null;
            foreach (var occurrence in _crontab.GetNextOccurrences(end - span, end))
                last = occurrence;
            if (last is { } found)
                return Utc(found);
        }

        return null;
    }

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
