using Ear.Alerts;
using Ear.Clusters;
using Ear.Outcomes;
using Ear.PrivateEndpoints;

namespace Ear.Projects;

/// <summary>Deletes projects that have neither a cluster nor a private endpoint left. Their events stay.</summary>
public sealed class ProjectClosing(IProjects projects, IClusters clusters, IPrivateEndpoints endpoints, ProjectRemains remains, EventFactory events)
{
    private const int MaxTries = 5;

    public async Task<Outcome<ProjectId>> CloseAsync(ProjectId id, string actor, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(id, cancellation) is not { } stored)
                return new Problem.ProjectNotFound(id.Value);
            // A cluster or an endpoint that is made meanwhile saves the project too: one of the two saves fails, and looks again.
            if (await clusters.ListAsync(id, cancellation) is { Count: > 0 } left)
                return new Problem.ProjectHasClusters(id.Value, [.. left.Select(c => c.Document.Name.Value)]);
            if (await endpoints.ListAsync(id, cancellation) is { Count: > 0 } links)
                return new Problem.ProjectHasPrivateEndpoints(id.Value, [.. links.Select(e => e.Document.Id.Value)]);
            if (!(await projects.DeleteAsync(stored.Document, stored.Version, [events.Make(id, "GROUP_DELETED", actor, new KeyValuePair<string, string>("name", stored.Document.Name))], cancellation)).Saved)
                continue;
            await remains.ForgetAsync(stored.Document);
            return id;
        }
        return new Problem.Conflict($"Project {id}");
    }
}
