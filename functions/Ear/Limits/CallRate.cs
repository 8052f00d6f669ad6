namespace Ear.Limits;

/// <summary>
/// So many calls a second, in order of asking, with a number of them at once. Own code and not System.Threading.RateLimiting: its limiters
/// keep their own clock and need a timer each, and there is one of these for each customer's account and each caller.
/// </summary>
/// <param name="atOnce">How many calls after a pause need not wait; 1 or more, fractions are kept.</param>
public sealed class CallRate(double perSecond, double atOnce, TimeProvider time)
{
    private readonly Lock sync = new();
    private readonly double between = time.TimestampFrequency / perSecond;
    private readonly double ahead = time.TimestampFrequency / perSecond * atOnce;
    private double next = double.MinValue;

    /// <summary>Books the next free place.</summary>
    /// <returns>How long to wait for it; null, and nothing booked, if that is longer than <paramref name="most"/>.</returns>
    public TimeSpan? Book(TimeSpan most)
    {
        lock (sync)
        {
            double now = time.GetTimestamp();
            var wait = Wait(now, out var place);
            if (wait > most)
                return null;
            next = place + between;
            return wait;
        }
    }

    /// <summary>As a bucket of tokens: takes one that is there, or waits for none.</summary>
    public TokenTaken Take()
    {
        lock (sync)
        {
            double now = time.GetTimestamp();
            var wait = Wait(now, out var place);
            if (wait > TimeSpan.Zero)
                return new(false, 0, wait);
            next = place + between;
            return new(true, next > now ? 0 : (int)((now - next) / between) + 1, TimeSpan.Zero);
        }
    }

    private TimeSpan Wait(double now, out double place)
    {
        place = Math.Max(next, now - ahead + between);
        return TimeSpan.FromSeconds(Math.Max(0, place - now) / time.TimestampFrequency);
    }
}

/// <param name="Left">How many more there are at this moment.</param>
/// <param name="Wait">Until there is one again; zero when one was taken.</param>
public readonly record struct TokenTaken(bool Taken, int Left, TimeSpan Wait);
