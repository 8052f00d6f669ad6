namespace Ear.Agent;

/// <summary>Doubling waits between <paramref name="first"/> and <paramref name="cap"/>, each shortened by up to half so that agents do not knock in step.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan cap, IIds ids)
{
    private int failures;

    public TimeSpan Next()
    {
        // 2^20 exceeds any cap used here; beyond it the shift would only overflow.
        var full = Math.Min(first.Ticks * (1L << Math.Min(failures, 20)), cap.Ticks);
        failures++;
        return TimeSpan.FromTicks((long)(full * (1 - ids.NextDouble() / 2)));
    }

    public void Reset() => failures = 0;
}
