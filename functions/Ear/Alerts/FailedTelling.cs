namespace Ear.Alerts;

/// <summary>
/// Somebody could not be told, and is tried again after a minute, then after twice as long each time, up to the notification's own interval or an hour.
/// Up to half of each wait is left out at random: those who failed together need not be tried together.
/// </summary>
/// <param name="Last">When it was tried.</param>
/// <param name="Again">Not tried before.</param>
/// <param name="Times">In a row.</param>
public sealed record FailedTelling(DateTimeOffset Last, DateTimeOffset Again, int Times)
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);

    /// <param name="intervalMin">Of the notification; null: it has none.</param>
    /// <param name="random">From 0 to 1.</param>
    public static FailedTelling After(FailedTelling? before, int? intervalMin, DateTimeOffset now, double random)
    {
        var times = (before?.Times ?? 0) + 1;
        var longest = intervalMin is { } minutes && TimeSpan.FromMinutes(minutes) < LongestWait ? TimeSpan.FromMinutes(minutes) : LongestWait;
        var doubled = FirstWait * Math.Pow(2, Math.Min(times - 1, 10));
        return new(now, now + ((doubled < longest ? doubled : longest) * (1 - (random / 2))), times);
    }

    /// <summary>A clock that was set back since waits for nothing.</summary>
    public bool Waits(DateTimeOffset now) => now >= Last && now < Again;
}
