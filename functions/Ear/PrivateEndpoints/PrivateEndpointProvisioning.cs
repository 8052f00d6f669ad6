using Ear.Alerts;
using Ear.Projects;

namespace Ear.PrivateEndpoints;

/// <summary>What was found, and when to look again (null: nothing more happens by itself).</summary>
/// <param name="Replacement">Which takes its place, while it does: somebody should look at that one too.</param>
/// <param name="Fruitless">How many looks in a row had nothing new to expect, this one included.</param>
public sealed record EndpointLook(string Why, TimeSpan? LookAgain, PrivateEndpointRef? Replacement = null, int Fruitless = 0)
{
    /// <param name="before">How many looks in a row were fruitless before this one.</param>
    /// <param name="chance">In [0, 1).</param>
    public EndpointLook After(int before, double chance) => Fruitless == 0 ? this : this with { Fruitless = before + 1, LookAgain = PrivateEndpointStates.Later(before, chance) };
}

/// <summary>Looks at an endpoint's link, writes down what is new, and does the one thing that follows. Each part may run again after its answer was lost.</summary>
public sealed class PrivateEndpointProvisioning(IPrivateEndpoints endpoints, IProjects projects, PrivateLinks links, PrivateEndpointTerms terms, TimeProvider time)
{
    private const int MaxTries = 8;

    /// <summary>A look at an unchanged world writes nothing.</summary>
    public async Task<EndpointLook> LookAsync(PrivateEndpointRef reference, CancellationToken cancellation)
    {
        PrivateEndpoint? asked = null;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await endpoints.FindAsync(reference.ProjectId, reference.Id, cancellation) is not { } stored)
                return await ForgottenAsync(asked, cancellation);
            if (links.Of(stored.Document.Provider) is not { } link)
                return new($"Private links of {stored.Document.Provider} are not run here any more.", PrivateEndpointStates.Refresh);
            asked = stored.Document;
            if (asked.Status is not PrivateEndpointStatus.Deleting && !await IsWantedAsync(asked, cancellation))
            {
                await endpoints.SaveAsync(asked.Deleted(CausedEvents.Actor), stored.Version, [], cancellation);
                continue;
            }
            var sight = await AskAsync(link, asked, cancellation);
            var step = asked.After(sight, await ReplacementAsync(asked, cancellation), time.GetUtcNow());
            if (await CarryOutAsync(stored, step, cancellation))
                return new(step.Why, step.LookAgain, asked.Replacement is { } replacement ? new(asked.ProjectId, replacement) : null, step.IsFruitless ? 1 : 0);
        }
        return new("Others are changing it at the same moment.", PrivateEndpointStates.Soon);
    }

    private static Task<PrivateLinkSight> AskAsync(IPrivateLink link, PrivateEndpoint endpoint, CancellationToken cancellation) => endpoint.Status switch
    {
        PrivateEndpointStatus.Initiating => link.EnsureAsync(endpoint.Order, cancellation),
        PrivateEndpointStatus.PendingAcceptance or PrivateEndpointStatus.Active => link.LookAsync(endpoint.Order, cancellation),
        PrivateEndpointStatus.PendingRecreation or PrivateEndpointStatus.Deleting => link.DeleteAsync(endpoint.Order, cancellation),
        PrivateEndpointStatus.Failed => Task.FromResult<PrivateLinkSight>(new PrivateLinkSight.Unknown("not asked")),
        _ => throw new ArgumentOutOfRangeException(nameof(endpoint), endpoint.Status, null),
    };

    /// <summary>
    /// Whoever makes an endpoint, or one in another's place, and dies before the project is looked at again, may leave it in a project that was switched off
    /// meanwhile, leads elsewhere now, or is gone: nothing leads to a vault that no project names.
    /// </summary>
    private async Task<bool> IsWantedAsync(PrivateEndpoint endpoint, CancellationToken cancellation)
        => await projects.FindAsync(endpoint.ProjectId, cancellation) is { Document: var project }
            && PrivateEndpointTarget.Of(project, endpoint.Provider, endpoint.RegionName).IsOk(out var target, out _) && PrivateEndpointTarget.IsSame(target, endpoint.Target);

    /// <summary>It was deleted, in full, while this look made its link: nobody but us knows of the link now.</summary>
    private async Task<EndpointLook> ForgottenAsync(PrivateEndpoint? asked, CancellationToken cancellation)
    {
        var left = asked is { Status: PrivateEndpointStatus.Initiating } && links.Of(asked.Provider) is { } link
            && await link.DeleteAsync(asked.Order, cancellation) is not PrivateLinkSight.Absent;
        return left ? throw new InvalidOperationException($"Private endpoint {asked!.Id} is gone and its link is not: try again.") : new("It is gone.", null);
    }

    private async Task<ReplacementView> ReplacementAsync(PrivateEndpoint endpoint, CancellationToken cancellation)
        => endpoint.Replacement is { } id ? PrivateEndpointStates.View((await endpoints.FindAsync(endpoint.ProjectId, id, cancellation))?.Document) : ReplacementView.NotMade;

    /// <returns>False: somebody else was there first; look again.</returns>
    private async Task<bool> CarryOutAsync(Stored<PrivateEndpoint> stored, EndpointStep step, CancellationToken cancellation)
    {
        var (endpoint, version) = stored;
        switch (step.Deed)
        {
            case EndpointDeed.MakeReplacement:
                return await MakeReplacementAsync(endpoint, cancellation) is { } id
                    && (await endpoints.SaveAsync(endpoint with { Replacement = id }, version, [], cancellation)).Saved;
            case EndpointDeed.Forget:
                return await IsPredecessorToldAsync(endpoint, cancellation)
                    && (await endpoints.DeleteAsync(endpoint, version, [PrivateEndpointEvents.Deleted(endpoint, time.GetUtcNow())], cancellation)).Saved;
            default:
                if (step.Next != endpoint)
                    return (await endpoints.SaveAsync(step.Next, version, [], cancellation)).Saved;
                // A DELETE that came while the link was made has to be seen now, or the link may outlive the endpoint.
                return endpoint.Status is not PrivateEndpointStatus.Initiating
                    || (await endpoints.FindAsync(endpoint.ProjectId, endpoint.Id, cancellation))?.Version == version;
        }
    }

    /// <summary>Its id follows from the one that it replaces, so that it is made once. Whoever made one in the region meanwhile made the replacement.</summary>
    private async Task<PrivateEndpointId?> MakeReplacementAsync(PrivateEndpoint endpoint, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = PrivateEndpointId.FromValid(CausedEvents.HexOf(endpoint.Id.Value, "replacement"));
        var replacement = new PrivateEndpoint(id, endpoint.ProjectId, endpoint.Provider, endpoint.RegionName, endpoint.Target, now, now + terms.ProvisionWithin) { Replaces = endpoint.Id };
        if ((await endpoints.SaveAsync(replacement, 0, [PrivateEndpointEvents.Created(replacement, CausedEvents.Actor)], cancellation)).Saved)
            return id;
        var all = (await endpoints.ListAsync(endpoint.ProjectId, cancellation)).Select(e => e.Document).ToList();
        return (all.Find(e => e.Id == id) ?? all.Find(e => e.HoldsRegion && e.Provider == endpoint.Provider && e.RegionName == endpoint.RegionName))?.Id;
    }

    /// <summary>We may have died between making a replacement and writing that down: once it is forgotten, it would be made again.</summary>
    /// <returns>False: somebody else was there first.</returns>
    private async Task<bool> IsPredecessorToldAsync(PrivateEndpoint endpoint, CancellationToken cancellation)
        => endpoint.Replaces is not { } id || await endpoints.FindAsync(endpoint.ProjectId, id, cancellation) is not { Document.Replacement: null } stored
            || (await endpoints.SaveAsync(stored.Document with { Replacement = endpoint.Id }, stored.Version, [], cancellation)).Saved;
}
