using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.Durable;

/// <summary>A clock whose wall time can be set apart from the time that passes, as an operator or NTP does.</summary>
internal sealed class SkewedClock(FakeTimeProvider passing) : TimeProvider
{
    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Skew { get; set; }

    public override long TimestampFrequency => passing.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => passing.GetUtcNow() + Skew;

    public override long GetTimestamp() => passing.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        passing.CreateTimer(callback, state, dueTime, period);
}
