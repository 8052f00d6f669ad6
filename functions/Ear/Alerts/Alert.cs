using System.Collections.Immutable;
using System.Text.Json.Serialization;
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

    /// <summary>Public key or client id of who acknowledged it.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>The configuration that it is open for; null in what was saved before there were any: the default of its type.</summary>
    public AlertConfigId? ConfigId { get; init; }

    /// <summary>What it counts its days from, e.g. when a key was set; null where it opened at once.</summary>
    public DateTimeOffset? AgeFrom { get; init; }

    /// <summary>When each notification was last mailed, by its id; null: none was.</summary>
    public ImmutableDictionary<string, DateTimeOffset>? ToldTo { get; init; }

    /// <summary>Notifications whose webhooks were told that it is open, and not yet that it is over; null: none.</summary>
    public ImmutableSortedSet<string>? OpenTo { get; init; }

    /// <summary>When a webhook was last told that it is over, by its notification: should it open again, that is told anew. Null: none was.</summary>
    public ImmutableDictionary<string, DateTimeOffset>? OverTo { get; init; }

    /// <summary>Who could not be told at the last try, by notification. Null: nobody.</summary>
    public ImmutableDictionary<string, FailedTelling>? Failed { get; init; }

    [JsonIgnore]
    public bool IsOver => Status is AlertStatus.Closed or AlertStatus.Cancelled;

    /// <summary>Somebody may have to be told of it: it is open, or a webhook still believes that it is.</summary>
    [JsonIgnore]
    public bool IsUnfinished => !IsOver || OpenTo is { IsEmpty: false };

    [JsonIgnore]
    public AlertConfigId ConfigOrDefault => ConfigId ?? DefaultAlertConfigs.IdOf(ProjectId, Type);

    /// <summary>When the mail of a shut-down was sent (R42). Before there were other mails, it was the only one.</summary>
    [JsonIgnore]
    public DateTimeOffset? OwnersToldOfShutDown => ToldTo is null ? LastNotified : ToldAt(ShutDownMail.Notifier);

    public DateTimeOffset? ToldAt(string notifier) => ToldTo is not null && ToldTo.TryGetValue(notifier, out var at) ? at : null;

    /// <summary>A webhook took it: from now on it is to hear of the end too.</summary>
    public Alert TakenBy(string notifier) => this with { OpenTo = (OpenTo ?? ImmutableSortedSet.Create<string>(StringComparer.Ordinal)).Add(notifier) };

    /// <summary>A webhook was told that it is over, or cannot be told any more.</summary>
    public Alert ToldOver(string notifier, DateTimeOffset now) => this with
    {
        OpenTo = OpenTo?.Remove(notifier),
        Failed = Failed?.Remove(notifier),
        OverTo = (OverTo ?? ImmutableDictionary<string, DateTimeOffset>.Empty).SetItem(notifier, now),
    };

    /// <summary>Since it was last open to a webhook; null: it never was over for it.</summary>
    public DateTimeOffset? OverAt(string notifier) => OverTo is not null && OverTo.TryGetValue(notifier, out var at) ? at : null;

    public FailedTelling? FailureOf(string notifier) => Failed?.GetValueOrDefault(notifier);

    /// <summary>It could not be told; see <see cref="FailedTelling"/> for when it is tried again.</summary>
    public Alert NotTold(AlertNotification to, DateTimeOffset now, double random) => this with
    {
        Failed = (Failed ?? ImmutableDictionary<string, FailedTelling>.Empty).SetItem(to.NotifierId, FailedTelling.After(FailureOf(to.NotifierId), to.IntervalMin, now, random)),
    };

    public Alert Told(string notifier, DateTimeOffset now)
    {
        // What was told before there was this list was the mail of a shut-down.
        var before = ToldTo ?? (LastNotified is { } shutDown ? ImmutableDictionary<string, DateTimeOffset>.Empty.Add(ShutDownMail.Notifier, shutDown) : ImmutableDictionary<string, DateTimeOffset>.Empty);
        return this with { LastNotified = now, ToldTo = before.SetItem(notifier, now), Failed = Failed?.Remove(notifier) };
    }
}

/// <summary>The alerts of a project. At most one open alert per (type, subject): saving a second one under version 0 conflicts.</summary>
public interface IAlerts
{
    Task<IReadOnlyList<Stored<Alert>>> ListAsync(ProjectId project, AlertStatus? status, CancellationToken cancellation);

    Task<Stored<Alert>?> FindAsync(ProjectId project, AlertId id, CancellationToken cancellation);

    Task<SaveResult> SaveAsync(Alert alert, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);

    /// <summary>Deletes all alerts of a project that is no more, whatever their versions. Told twice is told once.</summary>
    Task ForgetAsync(ProjectId project, CancellationToken cancellation);
}
