using Ear.CustomerKeys;
using Ear.Limits;

namespace Ear.Providers.Kms;

/// <summary>
/// What the provider last told about each key, so that a key that works is asked for its metadata once an hour and each of its checks still tells its facts.
/// While it is full of fresh facts, further keys are not asked: to ask for each of a million keys each time would cost more than to know (spec kms §4).
/// </summary>
internal sealed class FactsMemory(KmsCallOptions options, TimeProvider time)
{
    /// <summary>How long one that is asking keeps others from it; a check's budget is shorter.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1);

    private readonly BoundedMap<Name, Seen> seen = new(options.RememberedKeys, time);
    private readonly Lock sync = new();
    private long? forgot;

    /// <summary>Whether a key that works is to be asked for its metadata now. Of many checks at once one is told so; where it keeps nothing, another is a minute later.</summary>
    public bool IsDue(CustomerKey key, string keyIdentifier)
    {
        var name = new Name(key, keyIdentifier);
        if (!LooksDue(name))
            return false;
        lock (sync)
        {
            if (!LooksDue(name))
                return false;
            var claimed = time.GetTimestamp() - (long)((options.FactsEvery - Claim).TotalSeconds * time.TimestampFrequency);
            seen.Set(name, new(Of(key, keyIdentifier), claimed));
            return true;
        }
    }

    public KeyFacts Of(CustomerKey key, string keyIdentifier) => seen.TryGet(new(key, keyIdentifier), out var known) ? known.Facts : KeyFacts.None;

    public void Keep(CustomerKey key, string keyIdentifier, KeyFacts facts) => seen.Set(new(key, keyIdentifier), new(facts, time.GetTimestamp()));

    private bool LooksDue(Name name)
    {
        if (seen.TryGet(name, out var known))
            return time.GetElapsedTime(known.At) >= options.FactsEvery;
        if (seen.IsFull)
            ForgetUnused();
        return !seen.IsFull;
    }

    /// <summary>Keys that nobody checks any more give up their places; looked for no more often than facts are.</summary>
    private void ForgetUnused()
    {
        lock (sync)
        {
            if (forgot is { } before && time.GetElapsedTime(before) < options.FactsEvery)
                return;
            forgot = time.GetTimestamp();
        }
        seen.RemoveUnused(options.FactsEvery * 2);
    }

    /// <param name="KeyIdentifier">The key that the canary is wrapped with; the configured one may be another by now.</param>
    private readonly record struct Name(CustomerKey Key, string KeyIdentifier);

    private sealed record Seen(KeyFacts Facts, long At);
}
