using Ear.Alerts;
using Ear.Clusters;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>Makes and unmakes a project's promise about its backups (R88).</summary>
public sealed class BackupCompliancePolicies(ProjectChanges changes, IClusters clusters, EventFactory events)
{
    public Task<Outcome<Project>> PutAsync(ProjectId id, AuthorizedPerson authorized, bool encryptionAtRest, string actor, CancellationToken cancellation)
        => changes.ApplyAsync(id, async project =>
        {
            if (project.BackupCompliance is { } current && current.Authorized == authorized && current.EncryptionAtRestEnabled == encryptionAtRest)
                return new ProjectChange(project);
            // A cluster that is made or changed meanwhile saves the project too: one of the two saves fails, and looks again.
            if (encryptionAtRest && await WithoutKeysAsync(id, cancellation) is { Count: > 0 } names)
                return new Problem.ClustersWithoutCustomerKeys(names);
            var policy = new BackupCompliance(authorized, encryptionAtRest, events.Now, actor);
            return (Outcome<ProjectChange>)new ProjectChange(project with { BackupCompliance = policy }, Told(id, project.BackupCompliance is null ? "ENABLED" : "UPDATED", actor));
        }, cancellation);

    public Task<Outcome<Project>> DisableAsync(ProjectId id, string actor, CancellationToken cancellation)
        => changes.ApplyAsync(id, project => project.BackupCompliance is null
            ? new ProjectChange(project)
            : new ProjectChange(project with { BackupCompliance = null }, Told(id, "DISABLED", actor)), cancellation);

    private async Task<IReadOnlyList<string>> WithoutKeysAsync(ProjectId id, CancellationToken cancellation)
        => [.. (await clusters.ListAsync(id, cancellation)).Select(c => c.Document).Where(c => c.Spec.EncryptionAtRestProvider is null && !c.DeletionRequested).Select(c => c.Name.Value)];

    private ProjectEvent Told(ProjectId id, string what, string actor) => events.Make(id, $"CPS_DATA_PROTECTION_{what}", actor);
}
