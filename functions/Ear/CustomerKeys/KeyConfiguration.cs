using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>Changes a project's key configuration: decide, prove with the KMS, save; refused means unchanged (R15), for all providers of one PATCH.</summary>
public sealed class KeyConfiguration(IProjects projects, KeyUse use, KeyProof proof, KeyCredentials credentials, KeyNewsDesk desk, PrivateNetworking networking)
{
    /// <summary>The sweep and other doors save the project too; a few tries always suffice unless somebody holds it busy on purpose.</summary>
    private const int MaxTries = 5;

    public async Task<Outcome<Project>> ApplyAsync(ProjectId id, EncryptionAtRestPatch patch, string actor, Expected expected, CancellationToken cancellation)
    {
        var kept = await credentials.KeepAsync(id, patch, cancellation);
        var proven = new Dictionary<KeyProvider, KeyProven>();
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(id, cancellation) is not { } stored)
            {
                await kept.ForgetUnusedAsync(EncryptionAtRest.Off, EncryptionAtRest.Off);
                return new Problem.ProjectNotFound(id.Value);
            }
            var before = stored.Document;
            var outcome = expected.Refused(stored, $"Project {id}") is { } another ? another : await ChangedAsync(before, patch, kept, proven, cancellation);
            if (!outcome.IsOk(out var wanted, out _) || wanted.Changes.IsNothing)
            {
                await kept.ForgetUnusedAsync(before.EncryptionAtRest, before.EncryptionAtRest);
                return outcome.Map(w => w.Project);
            }
            if (!(await projects.SaveAsync(wanted.Project, stored.Version, desk.Announced(before, wanted.Changes, actor), cancellation)).Saved)
                continue;
            await kept.ForgetUnusedAsync(before.EncryptionAtRest, wanted.Project.EncryptionAtRest);
            return await desk.RecoveredAsync(wanted.Project, cancellation);
        }
        return new Problem.Conflict($"Project {id}");
    }

    private async Task<Outcome<(Project Project, KeyChanges Changes)>> ChangedAsync(
        Project project, EncryptionAtRestPatch patch, KeptCredentials kept, Dictionary<KeyProvider, KeyProven> proven, CancellationToken cancellation)
    {
        if (!KeyChanges.Decide(project, patch, await use.OfAsync(project.Id, patch, cancellation), kept.TermsOf).IsOk(out var changes, out var problem))
            return problem;
        if (await networking.RefusedAsync(project, changes, cancellation) is { } outOfReach)
            return outOfReach;
        if (await ProveAsync(project, changes, proven, cancellation) is { } refused)
            return refused;
        return (project with { EncryptionAtRest = Changed(project.EncryptionAtRest, changes, proven) }, changes);
    }

    /// <summary>Each once: a try after a conflict asks again only for a key that has become another.</summary>
    private async Task<Problem?> ProveAsync(Project project, KeyChanges changes, Dictionary<KeyProvider, KeyProven> proven, CancellationToken cancellation)
    {
        foreach (var configure in changes.Changes.OfType<KeyChange.Configure>())
        {
            if (proven.GetValueOrDefault(configure.Provider)?.Key == configure.Key)
                continue;
            if (!(await proof.ProveAsync(project, configure, cancellation)).IsOk(out var done, out var problem))
                return problem;
            proven[configure.Provider] = done;
        }
        return null;
    }

    private EncryptionAtRest Changed(EncryptionAtRest current, KeyChanges changes, Dictionary<KeyProvider, KeyProven> proven)
    {
        var next = current with { EnabledForSearchNodes = changes.SearchNodes ?? current.EnabledForSearchNodes };
        foreach (var change in changes.Changes)
        {
            next = change switch
            {
                KeyChange.Disable => next.Without(change.Provider),
                KeyChange.Configure { Renews: false } configure => next.With(configure.Settings),
                KeyChange.Configure configure => next.With(configure.Settings, desk.NewStanding(proven[change.Provider])),
                _ => throw new ArgumentOutOfRangeException(nameof(changes), change, null),
            };
        }
        return next;
    }
}
