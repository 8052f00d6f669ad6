namespace Ear.Local.Host.Timers;

/// <summary>What a timer does next; each carries the occurrence up to which everything is settled.</summary>
internal abstract record TimerMove(DateTimeOffset Last)
{
    /// <param name="Occurrence">The one that is run; earlier ones that were missed are run with it.</param>
    /// <param name="IsPastDue">Noticeably later than the schedule wanted.</param>
    internal sealed record Run(DateTimeOffset Last, DateTimeOffset Occurrence, bool IsPastDue) : TimerMove(Last);

    /// <param name="Until">Null: the schedule has no further occurrence.</param>
    internal sealed record Wait(DateTimeOffset Last, DateTimeOffset? Until) : TimerMove(Last);
}

/// <summary>
/// When a timer runs, given a wall clock that may jump. Each occurrence runs once; what was missed while the host was down or
/// the clock leapt ahead runs once, at once; a clock set back neither silences the timer until the old time comes round again
/// nor repeats an occurrence that ran a moment ago.
/// </summary>
internal static class TimerPlan
{
    /// <summary>A clock corrected by less than this has not been set back: time synchronisation does so all the time.</summary>
    private static readonly TimeSpan Correction = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan NoticeablyLate = TimeSpan.FromSeconds(5);

    /// <param name="schedule">When it should run.</param>
    /// <param name="last">The last occurrence that ran, or when the timer was first seen.</param>
    /// <param name="sinceRun">By the monotonic clock since the last run began in this process; null when there was none.</param>
    /// <param name="now">By the wall clock.</param>
    public static TimerMove Next(TimerSchedule schedule, DateTimeOffset last, TimeSpan? sinceRun, DateTimeOffset now)
    {
        if (last > now + Correction)
        {
            // Set back. While we ran: count from here. While we were down: nobody can say how long ago the last run was, so run.
            if (sinceRun is null)
                return new TimerMove.Run(last, schedule.AtOrBefore(now) ?? now, IsPastDue: true);
            last = now;
        }

        if (schedule.After(last) is not { } next)
            return new TimerMove.Wait(last, null);
        if (now < next)
            return new TimerMove.Wait(last, next);
        var latest = schedule.AtOrBefore(now) ?? next;
        if (sinceRun < TooSoon(schedule, latest))
            return new TimerMove.Wait(latest, schedule.After(latest));
        return new TimerMove.Run(last, latest, now - next > NoticeablyLate);
    }

    /// <summary>A run that began less than this ago stands for this occurrence too: half the way from the one before, 30 s at most.</summary>
    private static TimeSpan TooSoon(TimerSchedule schedule, DateTimeOffset occurrence)
    {
        if (schedule.AtOrBefore(occurrence.AddTicks(-1)) is not { } before)
            return TimeSpan.Zero;
        var half = (occurrence - before) / 2;
        return half < Correction ? half : Correction;
    }
}
