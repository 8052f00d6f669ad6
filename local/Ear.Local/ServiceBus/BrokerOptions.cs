namespace Ear.Local.ServiceBus;

/// <summary>How the in-process Service Bus behaves; the defaults are those of Azure's Standard tier.</summary>
internal sealed record BrokerOptions
{
    /// <summary>A message handed out is invisible this long, unless settled or renewed; 1 second to 5 minutes. Default 60 s.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After this many deliveries without success a message goes to the dead-letter queue; 1 to 2000. Default 10.</summary>
    public int MaxDeliveryCount { get; init; } = 10;

    /// <summary>A message id seen this recently is dropped; 20 seconds to 7 days. Default 10 minutes.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Messages in one queue or subscription, dead letters included; more are refused with QuotaExceeded. Default 100,000.</summary>
    public int MaxMessages { get; init; } = 100_000;

    /// <summary>Wait before a message is tried again whose function failed; doubles with each delivery, half of it random. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest of those waits. Default 1 minute.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A lock is renewed while its function runs, this long at most. Default 5 minutes.</summary>
    public TimeSpan MaxLockRenewal { get; init; } = TimeSpan.FromMinutes(5);

    public IEnumerable<string> Faults()
    {
        if (LockDuration < TimeSpan.FromSeconds(1) || LockDuration > TimeSpan.FromMinutes(5))
            yield return $"ServiceBus.LockDuration is {LockDuration}; it must be between 1 second and 5 minutes.";
        if (MaxDeliveryCount is < 1 or > 2000)
            yield return $"ServiceBus.MaxDeliveryCount is {MaxDeliveryCount}; it must be between 1 and 2000.";
        if (DuplicateWindow < TimeSpan.FromSeconds(20) || DuplicateWindow > TimeSpan.FromDays(7))
            yield return $"ServiceBus.DuplicateWindow is {DuplicateWindow}; it must be between 20 seconds and 7 days.";
        if (MaxMessages < 1)
            yield return $"ServiceBus.MaxMessages is {MaxMessages}; it must be at least 1.";
        if (RetryDelay < TimeSpan.Zero || MaxRetryDelay < RetryDelay)
            yield return $"ServiceBus.RetryDelay {RetryDelay} must not be negative, nor longer than MaxRetryDelay {MaxRetryDelay}.";
        if (MaxLockRenewal < TimeSpan.Zero)
            yield return $"ServiceBus.MaxLockRenewal is {MaxLockRenewal}; it must not be negative.";
    }
}
