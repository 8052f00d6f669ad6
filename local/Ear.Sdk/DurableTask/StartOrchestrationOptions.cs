namespace Microsoft.DurableTask;

/// <summary>How a new orchestration is started.</summary>
public record StartOrchestrationOptions
{
    public StartOrchestrationOptions(string? InstanceId = null, DateTimeOffset? StartAt = null)
    {
        this.InstanceId = InstanceId;
        this.StartAt = StartAt;
    }

    public StartOrchestrationOptions(StartOrchestrationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        InstanceId = options.InstanceId;
        StartAt = options.StartAt;
        DedupeStatuses = options.DedupeStatuses;
    }

    /// <summary>Id of the new instance; a random one when absent.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Earliest time to start; now when absent.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Statuses of an existing instance of the same id in which a new one is refused.</summary>
    public IReadOnlyList<string>? DedupeStatuses { get; init; }
}
