using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>
/// The configurations that a project has without anybody's doing (R41, R55). They follow from the project, under ids that follow from
/// it too, so that projects from before have them; they are stored once somebody changes or deletes them.
/// </summary>
public static class DefaultAlertConfigs
{
    /// <summary>R55, C16.</summary>
    public const int RotationDays = 90;

    private const int HourlyMin = 60;
    private const int DailyMin = 24 * 60;

    public static AlertConfigId IdOf(ProjectId project, string type) => AlertConfigId.FromValid(CausedEvents.HexOf("alert-config", project.Value, type));

    public static IEnumerable<AlertConfig> Of(Project project)
    {
        yield return Make(project, KeyNews.NetworkAccessDenied, project.Created, HourlyMin);
        yield return Make(project, KeyNews.ConfigNoLongerValid, project.Created, HourlyMin);
        foreach (var provider in Enum.GetValues<KeyProvider>())
        {
            yield return Make(project, KeyNews.KeyInvalid(provider), project.Created, HourlyMin);
            if (project.EncryptionAtRest.FirstConfiguredAt(provider) is { } since)
                yield return Make(project, AlertTypes.NeedsRotation(provider), since, DailyMin) with { ThresholdDays = RotationDays };
        }
    }

    /// <summary>What holds in a project: what is stored and, under version 0, the defaults that nobody touched. Oldest first.</summary>
    public static async Task<IReadOnlyList<Stored<AlertConfig>>> OfAsync(this IAlertConfigs configs, Project project, CancellationToken cancellation)
    {
        var stored = await configs.ListAsync(project.Id, cancellation);
        var known = stored.Select(c => c.Document.Id).ToHashSet();
        return [.. stored.Where(c => !c.Document.Deleted)
            .Concat(Of(project).Where(c => !known.Contains(c.Id)).Select(c => new Stored<AlertConfig>(c, 0)))
            .OrderBy(c => c.Document.Created).ThenBy(c => c.Document.Id.Value, StringComparer.Ordinal)];
    }

    private static AlertConfig Make(Project project, string type, DateTimeOffset created, int intervalMin)
    {
        var id = IdOf(project.Id, type);
        var owners = new AlertNotification(AlertNotification.IdOf(id, Addressee.Group, null, 0), Addressee.Group, DelayMin: 0)
        {
            IntervalMin = intervalMin,
            Roles = [Role.ProjectOwner.AtlasName],
        };
        return new(id, project.Id, type, Enabled: true, [owners], created, created);
    }
}
