using Ear.Limits;

namespace Ear.Functions.Http.Requests;

/// <summary>
/// With which body an Idempotency-Key was used first, for a day and in this process only: it finds a client's mistake, and nothing relies on it. A body that
/// is not remembered any more makes other ids than another body under its key, and so another thing.
/// </summary>
public sealed class IntendedBodies(TimeProvider time)
{
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private const int Most = 100_000;
    private readonly BoundedMap<string, Seen> seen = new(Most, time);

    internal Seen First(string intent, byte[] body, out bool isNew)
    {
        var mine = new Seen(intent, body, time.GetUtcNow());
        var first = seen.GetOrAdd(intent, _ => mine);
        if (mine.At - first.At >= Kept)
            seen.Set(intent, first = mine);
        isNew = first == mine;
        return first;
    }

    internal void Forget(Seen first) => seen.Remove(first.Intent, first);

    internal sealed class Seen(string intent, byte[] body, DateTimeOffset at)
    {
        public string Intent => intent;

        public byte[] Body => body;

        public DateTimeOffset At => at;
    }
}
