namespace Ear.Local.Kms.Control;

/// <summary>The clock that a simulated service goes by: the host's, put off by as much as the control API asks.</summary>
internal sealed class ServiceClock(TimeProvider time)
{
    private long offsetTicks;

    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref offsetTicks));
        set => Interlocked.Exchange(ref offsetTicks, value.Ticks);
    }

    public DateTimeOffset Now => time.GetUtcNow() + Offset;
}
