using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.PrivateEndpoints;

/// <summary>Takes what owners want of endpoints: refuses it, or records it. <see cref="PrivateEndpointProvisioning"/> does the rest.</summary>
public sealed class PrivateEndpointWishes(IPrivateEndpoints endpoints, IProjects projects, PrivateLinks links, PrivateEndpointTerms terms, TimeProvider time)
{
    private const int MaxTries = 5;

    /// <param name="id">Of the endpoint that is intended: one that exists under it is the answer to the same wish, told again.</param>
    public async Task<Outcome<PrivateEndpoint>> CreateAsync(Project project, PrivateEndpointId id, KeyProvider provider, string region, string actor, CancellationToken cancellation)
    {
        if (links.Of(provider) is not { } link)
            return new Problem.NotRunHere("cloudProvider", $"Private networking to {provider.AtlasName()}");
        if (PrivateEndpointRegions.Normalise(provider, region) is not { } name)
            return new Problem.InvalidRegion(provider, region);
        if (link.Regions is { } regions && !regions.Contains(name))
            return new Problem.RegionNotLinked(provider, name, regions);
        if (!PrivateEndpointTarget.Of(project, provider, name).IsOk(out var target, out var problem))
            return problem;
        var now = time.GetUtcNow();
        var endpoint = new PrivateEndpoint(id, project.Id, provider, name, target, now, now + terms.ProvisionWithin);
        return (await endpoints.SaveAsync(endpoint, 0, [PrivateEndpointEvents.Created(endpoint, actor)], cancellation)).Saved
            ? await HeldAsync(endpoint, cancellation)
            : await ThereAsync(endpoint, cancellation);
    }

    /// <summary>In any state; in DELETING once more changes nothing.</summary>
    public async Task<Outcome<PrivateEndpoint>> DeleteAsync(ProjectId project, KeyProvider provider, PrivateEndpointId id, string actor, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await endpoints.FindAsync(project, id, cancellation) is not { } stored || stored.Document.Provider != provider)
                return new Problem.PrivateEndpointNotFound(id.Value, project.Value);
            if (stored.Document.Status is PrivateEndpointStatus.Initiating && terms.RefuseDeleteDuringProvisioning)
                return new Problem.PrivateEndpointStillProvisioning(id.Value);
            var deleted = stored.Document.Deleted(actor);
            if (deleted == stored.Document || (await endpoints.SaveAsync(deleted, stored.Version, [], cancellation)).Saved)
                return deleted;
        }
        return new Problem.Conflict($"Private endpoint {id}");
    }

    private async Task<Outcome<PrivateEndpoint>> ThereAsync(PrivateEndpoint wanted, CancellationToken cancellation)
    {
        var all = (await endpoints.ListAsync(wanted.ProjectId, cancellation)).Select(e => e.Document).ToList();
        if (all.Find(e => e.Id == wanted.Id) is { } same)
            return same;
        return all.Find(e => e.HoldsRegion && e.Provider == wanted.Provider && e.RegionName == wanted.RegionName) is { } holder
            ? new Problem.PrivateEndpointExists(wanted.Provider, wanted.RegionName, holder.Id.Value)
            : new Problem.Conflict($"Private endpoint in {wanted.RegionName}");
    }

    /// <summary>
    /// An endpoint is made while somebody switches the provider off or to another vault: each looks at the other's document, so one of
    /// the two saves has to fail. Saving the project unchanged makes it the other one, which looks again and sees this endpoint. If we die between the two, the endpoint's own look takes it away.
    /// </summary>
    private async Task<Outcome<PrivateEndpoint>> HeldAsync(PrivateEndpoint endpoint, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(endpoint.ProjectId, cancellation) is not { } stored)
            {
                await DeleteAnywayAsync(endpoint, cancellation);
                return new Problem.ProjectNotFound(endpoint.ProjectId.Value);
            }
            if (!PrivateEndpointTarget.Of(stored.Document, endpoint.Provider, endpoint.RegionName).IsOk(out var target, out var problem) || !PrivateEndpointTarget.IsSame(target, endpoint.Target))
            {
                await DeleteAnywayAsync(endpoint, cancellation);
                return problem ?? new Problem.Conflict($"The key configuration of project {endpoint.ProjectId}");
            }
            if ((await projects.SaveAsync(stored.Document, stored.Version, [], cancellation)).Saved)
                return endpoint;
        }
        await DeleteAnywayAsync(endpoint, cancellation);
        return new Problem.Conflict($"The key configuration of project {endpoint.ProjectId}");
    }

    /// <summary>It may be provisioned already: it goes the way of every other one. Where others are always first, its own look takes it away if nobody wants it.</summary>
    private async Task DeleteAnywayAsync(PrivateEndpoint endpoint, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await endpoints.FindAsync(endpoint.ProjectId, endpoint.Id, cancellation) is not { } stored
                || (await endpoints.SaveAsync(stored.Document.Deleted(CausedEvents.Actor), stored.Version, [], cancellation)).Saved)
                return;
        }
    }
}
