namespace Ear.Providers.Kms;

/// <summary>
/// So many calls a second, in order of asking, with at most a tenth of a second's worth at once. Own code and not System.Threading.RateLimiting: its limiters
/// keep their own clock and need a timer each, and there is one of these for each customer's account.
/// </summary>
internal sealed class CallRate(double perSecond, TimeProvider time)
{
    private readonly Lock sync = new();
    private readonly double between = time.TimestampFrequency / perSecond;
    private readonly double ahead = time.TimestampFrequency * Math.Max(0.1, 1 / perSecond);
    private double next = double.MinValue;

    /// <summary>Books the next free place.</summary>
    /// <returns>How long to wait for it; null, and nothing booked, if that is longer than <paramref name="most"/>.</returns>
    public TimeSpan? Book(TimeSpan most)
    {
        lock (sync)
        {
            double now = time.GetTimestamp();
            var place = Math.Max(next, now - ahead + between);
            var wait = TimeSpan.FromSeconds(Math.Max(0, place - now) / time.TimestampFrequency);
            if (wait > most)
                return null;
            next = place + between;
            return wait;
        }
    }
}
