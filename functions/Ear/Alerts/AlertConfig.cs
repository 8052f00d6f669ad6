using System.Collections.Immutable;
using Ear.Alerts.Webhooks;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>Whether a project wants to hear of one type of alert, and who is told (spec atlas-ear §2.9).</summary>
/// <param name="Type">One of <see cref="AlertTypes.All"/>.</param>
public sealed record AlertConfig(
    AlertConfigId Id,
    ProjectId ProjectId,
    string Type,
    bool Enabled,
    ImmutableArray<AlertNotification> Notifications,
    DateTimeOffset Created,
    DateTimeOffset Updated)
{
    /// <summary>The alert opens when the key is older than so many days (R94); null for types that open at once.</summary>
    public int? ThresholdDays { get; init; }

    /// <summary>Said in the mails' subjects.</summary>
    public AlertSeverity? Severity { get; init; }

    /// <summary>One of the defaults that somebody took away: remembered, or it would come back.</summary>
    public bool Deleted { get; init; }

    /// <param name="ageFrom">What the alert counts its days from; null for types that open at once.</param>
    public bool Applies(DateTimeOffset? ageFrom, DateTimeOffset now)
        => Enabled && !Deleted && (ageFrom is not { } from || now - from > TimeSpan.FromDays(ThresholdDays ?? 0));
}

public enum AlertSeverity
{
    Info,
    Warning,
    Error,
    Critical,
}

public enum Addressee
{
    /// <summary>The project's owner addresses.</summary>
    Group,

    /// <summary>One address.</summary>
    Email,

    /// <summary>A program, by a request to its address.</summary>
    Webhook,
}

/// <summary>Who is told, and when.</summary>
/// <param name="NotifierId">24 hexadecimal characters that follow from the configuration and the addressee: the same after each update that leaves both as they are.</param>
/// <param name="DelayMin">Minutes that the alert has to be open before it is told.</param>
public sealed record AlertNotification(string NotifierId, Addressee To, int DelayMin)
{
    /// <summary>Of <see cref="Addressee.Email"/>.</summary>
    public string? EmailAddress { get; init; }

    /// <summary>Of <see cref="Addressee.Webhook"/>.</summary>
    public WebhookTarget? Webhook { get; init; }

    /// <summary>Minutes between reminders while the alert is open and nobody acknowledged it; null: told once.</summary>
    public int? IntervalMin { get; init; }

    /// <summary>Of <see cref="Addressee.Group"/>, as sent: owners are all that Ear knows.</summary>
    public ImmutableArray<string>? Roles { get; init; }

    public static string IdOf(AlertConfigId config, Addressee to, string? address, int place)
        => CausedEvents.HexOf("notifier", config.Value, $"{to}", address ?? "", $"{place}");
}

/// <summary>What somebody wants configured, valid in itself.</summary>
/// <param name="Notifications">Their ids are given when it is saved.</param>
public sealed record AlertConfigDraft(string Type, bool Enabled, ImmutableArray<AlertNotification> Notifications, int? ThresholdDays, AlertSeverity? Severity)
{
    /// <summary>Of each notification to a webhook, by its place.</summary>
    public ImmutableDictionary<int, WebhookWish> Webhooks { get; init; } = ImmutableDictionary<int, WebhookWish>.Empty;

    public AlertConfig As(AlertConfigId id, ProjectId project, DateTimeOffset created, DateTimeOffset now)
        => new(id, project, Type, Enabled, [.. Notifications.Select((n, place) => n with { NotifierId = AlertNotification.IdOf(id, n.To, n.EmailAddress, place) })], created, now)
        {
            ThresholdDays = ThresholdDays,
            Severity = Severity,
        };
}

/// <summary>What a project configured; the defaults that it left alone are not stored (<see cref="DefaultAlertConfigs"/>).</summary>
public interface IAlertConfigs
{
    /// <summary>In the order of their ids.</summary>
    Task<IReadOnlyList<Stored<AlertConfig>>> ListAsync(ProjectId project, CancellationToken cancellation);

    Task<Stored<AlertConfig>?> FindAsync(ProjectId project, AlertConfigId id, CancellationToken cancellation);

    /// <param name="expectedVersion">The version that was loaded; 0 to create.</param>
    Task<SaveResult> SaveAsync(AlertConfig config, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);

    Task<SaveResult> DeleteAsync(AlertConfig config, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);

    /// <summary>Deletes all configurations of a project that is no more, whatever their versions. Told twice is told once.</summary>
    Task ForgetAsync(ProjectId project, CancellationToken cancellation);
}
