using Ear.Projects;

namespace Ear.Alerts;

public enum AlertStatus
{
    Open,
    Tracking,
    Closed,
    Cancelled,
}

/// <summary>An open question to the people of a project (spec atlas-ear §2.9).</summary>
/// <param name="Type">Atlas's event type name of the alert.</param>
/// <param name="Subject">What it is about, so that one subject has one open alert: provider name, or cluster name.</param>
public sealed record Alert(AlertId Id, ProjectId ProjectId, string Type, string Subject, AlertStatus Status, DateTimeOffset Created, DateTimeOffset Updated)
{
    public DateTimeOffset? Resolved { get; init; }

    public DateTimeOffset? LastNotified { get; init; }

    public string? ClusterName { get; init; }

    public DateTimeOffset? AcknowledgedUntil { get; init; }

    public string? AcknowledgementComment { get; init; }
}

/// <summary>The alerts of a project. At most one open alert per (type, subject): saving a second one under version 0 conflicts.</summary>
public interface IAlerts
{
    Task<IReadOnlyList<Stored<Alert>>> ListAsync(ProjectId project, AlertStatus? status, CancellationToken cancellation);

    Task<Stored<Alert>?> FindAsync(ProjectId project, AlertId id, CancellationToken cancellation);

    Task<SaveResult> SaveAsync(Alert alert, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);
}
