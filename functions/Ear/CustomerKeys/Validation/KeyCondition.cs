using Ear.Alerts;
using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

/// <summary>Something about a project's key that an alert tells of, if a configuration wants it.</summary>
/// <param name="Subject">The provider.</param>
/// <param name="AlertId">Of the alert that it opens: the same each time it is found.</param>
/// <param name="AgeFrom">Null: it is there; else it is there for who waits fewer days than have passed since.</param>
public sealed record KeyCondition(string Type, string Subject, AlertId AlertId, DateTimeOffset? AgeFrom = null)
{
    public static IEnumerable<KeyCondition> Of(Project project, DateTimeOffset now)
        => project.EncryptionAtRest.Standings.SelectMany(s => Of(project.Id, s.Key, s.Value, now));

    /// <summary>Whose alert it is: of the configurations that want it, the one that wanted it first.</summary>
    public AlertConfig? LeadingIn(IEnumerable<AlertConfig> configs, DateTimeOffset now)
        => configs.Where(c => c.Type == Type && c.Applies(AgeFrom, now))
            .OrderBy(c => c.ThresholdDays).ThenBy(c => c.Created).ThenBy(c => c.Id.Value, StringComparer.Ordinal).FirstOrDefault();

    private static IEnumerable<KeyCondition> Of(ProjectId project, KeyProvider provider, KeyStanding standing, DateTimeOffset now)
    {
        var subject = provider.AtlasName();
        if (!standing.Valid)
            yield return new(KeyNews.KeyInvalid(provider), subject, Id(KeyNews.KeyInvalid(provider), standing.ChangedAt));
        if (standing.NetworkAccessDenied)
            yield return new(KeyNews.NetworkAccessDenied, subject, Id(KeyNews.NetworkAccessDenied, standing.ChangedAt));
        if (standing.ShutDownSince is { } since)
            yield return new(KeyNews.ConfigNoLongerValid, subject, AlertId.FromValid(KeyNews.ShutDownEvent(project, provider, since).Value));
        var from = KeyAge.From(standing, now);
        yield return new(AlertTypes.NeedsRotation(provider), subject, Id(AlertTypes.NeedsRotation(provider), from), from);

        AlertId Id(string type, DateTimeOffset at) => AlertId.FromValid(CausedEvents.HexOf("alert", project.Value, type, subject, $"{at.UtcTicks}"));
    }
}
