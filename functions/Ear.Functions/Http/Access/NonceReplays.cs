using Microsoft.Extensions.Options;

namespace Ear.Functions.Http.Access;

/// <summary>What became of a nonce count.</summary>
public enum NonceUse
{
    First,
    Replayed,

    /// <summary>Its nonce may have been forgotten: the client takes a fresh one.</summary>
    Stale,
}

/// <summary>
/// Which counts of a nonce were used, so that a request that was overheard works only once. Only requests with a right response get
/// here, so a stranger cannot fill it. Two generations of half the limit each; with the older one its nonces are forgotten, and
/// every nonce that is not younger than them becomes stale. Per instance: a request overheard on its way to one instance of the
/// app can be replayed against another within the nonce's lifetime, and TLS is what prevents the overhearing.
/// </summary>
public sealed class NonceReplays(IOptions<DoorOptions> options)
{
    /// <summary>Parallel requests on one nonce arrive out of order; within this many counts each is taken once.</summary>
    private const int Window = 64;
    private readonly Lock gate = new();
    private Dictionary<string, Counts> current = [];
    private Dictionary<string, Counts> older = [];
    private DateTimeOffset newestOfCurrent = DateTimeOffset.MinValue;
    private DateTimeOffset newestOfOlder = DateTimeOffset.MinValue;
    private DateTimeOffset forgottenUpTo = DateTimeOffset.MinValue;

    public NonceUse Use(string nonce, DateTimeOffset madeAt, uint count)
    {
        lock (gate)
        {
            if (!current.TryGetValue(nonce, out var counts) && !older.TryGetValue(nonce, out counts))
            {
                if (madeAt <= forgottenUpTo)
                    return NonceUse.Stale;
                counts = Remember(nonce, madeAt);
            }
            return counts.TryUse(count) ? NonceUse.First : NonceUse.Replayed;
        }
    }

    private Counts Remember(string nonce, DateTimeOffset madeAt)
    {
        if (current.Count >= options.Value.RememberedNonces / 2)
        {
            forgottenUpTo = newestOfOlder > forgottenUpTo ? newestOfOlder : forgottenUpTo;
            (older, newestOfOlder) = (current, newestOfCurrent);
            (current, newestOfCurrent) = ([], DateTimeOffset.MinValue);
        }
        if (madeAt > newestOfCurrent)
            newestOfCurrent = madeAt;
        return current[nonce] = new Counts();
    }

    private sealed class Counts
    {
        private uint highest;

        /// <summary>Bit i: count <see cref="highest"/> - i was used.</summary>
        private ulong used;

        public bool TryUse(uint count)
        {
            if (count == 0)
                return false;
            if (count > highest)
            {
                var step = count - highest;
                used = step >= Window ? 1 : (used << (int)step) | 1;
                highest = count;
                return true;
            }
            var back = highest - count;
            if (back >= Window || (used & (1UL << (int)back)) != 0)
                return false;
            used |= 1UL << (int)back;
            return true;
        }
    }
}
