using Ear.Alerts;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>Changes a project's key configuration: decide, prove with the KMS, save; refused means unchanged (R15).</summary>
public sealed class KeyConfiguration(IProjects projects, KeyUse use, KeyProof proof, IOnDemandValidation validation, EventFactory events)
{
    /// <summary>The sweep and other doors save the project too; a few tries always suffice unless somebody holds it busy on purpose.</summary>
    private const int MaxTries = 5;

    public async Task<Outcome<Project>> ApplyAsync(ProjectId id, EncryptionAtRestPatch patch, string actor, CancellationToken cancellation)
    {
        KeyProven? proven = null;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(id, cancellation) is not { } stored)
                return new Problem.ProjectNotFound(id.Value);
            var project = stored.Document;
            var usedBy = await use.ClustersUsingAsync(id, KeyProvider.Aws, cancellation);
            if (!KeyChange.Decide(project, patch, usedBy).IsOk(out var change, out var problem))
                return problem;
            if (change is KeyChange.None)
                return project;
            if (change is KeyChange.Configure configure && proven?.Key != project.KeyOf(configure.Settings))
            {
                var live = configure.Renews ? null : project.EncryptionAtRest.StandingOf(KeyProvider.Aws)?.Canary;
                if (!(await proof.ProveAsync(project, configure.Settings, live, cancellation)).IsOk(out proven, out problem))
                    return problem;
            }
            var changed = project with { EncryptionAtRest = Changed(project.EncryptionAtRest, change, patch.EnabledForSearchNodes, proven) };
            if ((await projects.SaveAsync(changed, stored.Version, Announced(changed, change, actor), cancellation)).Saved)
                return await RecoveredAsync(changed, cancellation);
        }
        return new Problem.Conflict($"Project {id}");
    }

    private EncryptionAtRest Changed(EncryptionAtRest current, KeyChange change, bool? searchNodes, KeyProven? proven)
    {
        var next = current with { EnabledForSearchNodes = searchNodes ?? current.EnabledForSearchNodes };
        return change switch
        {
            KeyChange.Disable => next with { Aws = null, Standings = next.Standings.Remove(KeyProvider.Aws) },
            KeyChange.Configure { Renews: true } configure => next with
            {
                Aws = configure.Settings,
                Standings = next.Standings.SetItem(
                    KeyProvider.Aws, new KeyStanding(true, new KeyVerdict.Valid(), events.Now, proven!.Canary, events.Now) { Facts = proven.Facts }),
            },
            KeyChange.Configure configure => next with { Aws = configure.Settings },
            _ => next,
        };
    }

    private IReadOnlyList<ProjectEvent> Announced(Project project, KeyChange change, string actor)
    {
        var updated = events.Make(project.Id, "ENCRYPTION_AT_REST_CONFIGURATION_UPDATED", actor, new KeyValuePair<string, string>("provider", "AWS"));
        return change is KeyChange.Configure
            ? [updated, events.Make(project.Id, "ENCRYPTION_AT_REST_CONFIGURATION_VALIDATION_SUCCEEDED", actor, new KeyValuePair<string, string>("provider", "AWS"))]
            : [updated];
    }

    /// <summary>
    /// Other credentials for a key that was invalid: the validation room draws the consequences (alerts, restart), now. If we die
    /// before, the next check does.
    /// </summary>
    private async Task<Outcome<Project>> RecoveredAsync(Project saved, CancellationToken cancellation)
        => saved.EncryptionAtRest.StandingOf(KeyProvider.Aws) is { Valid: false } or { NetworkAccessDenied: true }
            && await validation.CheckNowAsync(saved.Id, cancellation) is { } checkedNow
                ? checkedNow
                : saved;
}
