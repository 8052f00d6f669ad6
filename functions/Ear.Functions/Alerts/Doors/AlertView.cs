using System.Text.Json.Serialization;
using Ear.Alerts;
using Ear.Functions.Http.Answers;
using Ear.Projects;

namespace Ear.Functions.Alerts.Doors;

internal sealed record AlertView(
    string Id,
    string AlertConfigId,
    string GroupId,
    string OrgId,
    string EventTypeName,
    string Status,
    string Created,
    string Updated,
    string? Resolved,
    string? LastNotified,
    string? ClusterName,
    string? AcknowledgedUntil,
    string? AcknowledgementComment,
    string? AcknowledgingUsername,
    IReadOnlyList<Link> Links)
{
    /// <summary>In a message to a webhook only.</summary>
    public string? HumanReadable { get; init; }

    public static AlertView Of(Project project, Alert alert, string url) => new(
        alert.Id.Value,
        alert.ConfigOrDefault.Value,
        project.Id.Value,
        project.OrgId.Value,
        alert.Type,
        Name(alert.Status),
        AtlasTime.Format(alert.Created),
        AtlasTime.Format(alert.Updated),
        Time(alert.Resolved),
        Time(alert.LastNotified),
        alert.ClusterName,
        Time(alert.AcknowledgedUntil),
        alert.AcknowledgementComment,
        alert.AcknowledgedBy,
        [new Link(url, "self")]);

    public static IEnumerable<Alert> Newest(IEnumerable<Alert> alerts) => alerts.OrderByDescending(a => a.Created).ThenByDescending(a => a.Id.Value, StringComparer.Ordinal);

    public static string Name(AlertStatus status) => status switch
    {
        AlertStatus.Open => "OPEN",
        AlertStatus.Tracking => "TRACKING",
        AlertStatus.Closed => "CLOSED",
        AlertStatus.Cancelled => "CANCELLED",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    private static string? Time(DateTimeOffset? time) => time is { } t ? AtlasTime.Format(t) : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AlertView))]
[JsonSerializable(typeof(AlertConfigView))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class AlertJson : JsonSerializerContext;
