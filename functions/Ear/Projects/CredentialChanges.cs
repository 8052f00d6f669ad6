using System.Collections.Immutable;
using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>Changes to the credentials of a project, each decided on what is stored and saved with its events. A project keeps an owner who can sign in.</summary>
public sealed class CredentialChanges<T>(IProjectCredentials<T> store, ProjectOwners owners, EventFactory events)
    where T : class, ICredential<T>
{
    /// <summary>Of a kind in one project; without a bound a loop in a client's script would fill the store.</summary>
    public const int Most = 500;
    private const int MaxTries = 5;

    public async Task<IReadOnlyList<T>> ListAsync(ProjectId project, CancellationToken cancellation)
        => [.. (await store.ListAsync(project, cancellation)).Select(s => s.Document)];

    /// <summary>Told twice is told once: what is there under the very public part, and is what was to be made, is it.</summary>
    /// <returns>Null: the public part is another credential's.</returns>
    public async Task<Outcome<T>?> CreateAsync(ProjectId project, T wanted, Func<T, bool> isIt, string eventType, string actor, CancellationToken cancellation)
    {
        if (await store.FindAsync(wanted.PublicPart, cancellation) is { Document: var made })
            return Repeat(made);
        if ((await store.ListAsync(project, cancellation)).Count >= Most)
            return T.TooMany(Most);
        if ((await store.SaveAsync(wanted, 0, [Event(project, wanted, eventType, actor)], cancellation)).Saved)
            return wanted;
        return await store.FindAsync(wanted.PublicPart, cancellation) is { Document: var meanwhile } ? Repeat(meanwhile) : null;

        Outcome<T>? Repeat(T there)
        {
            if (isIt(there))
                return there;
            return null;
        }
    }

    /// <param name="change">Answers with the very credential that it was given when there is nothing to change, beside the types of the events that tell of it.</param>
    public async Task<Outcome<T>> ApplyAsync(
        ProjectId project, Func<T, bool> which, Problem missing, string actor, Func<T, Outcome<(T Changed, ImmutableArray<string> Events)>> change, CancellationToken cancellation)
    {
        using var turn = await owners.TurnAsync(cancellation);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if ((await store.ListAsync(project, cancellation)).FirstOrDefault(s => which(s.Document)) is not { } stored)
                return missing;
            if (!change(stored.Document).IsOk(out var outcome, out var problem))
                return problem;
            if (ReferenceEquals(outcome.Changed, stored.Document))
                return stored.Document;
            if (await owners.RefusedAsync(project, stored.Document, outcome.Changed, cancellation) is { } last)
                return last;
            ProjectEvent[] told = [.. outcome.Events.Select(type => Event(project, stored.Document, type, actor))];
            if ((await store.SaveAsync(outcome.Changed, stored.Version, told, cancellation)).Saved)
                return outcome.Changed;
        }
        return new Problem.Conflict("The credential");
    }

    /// <summary>Out of the project; one that has no role anywhere then is deleted, as Atlas deletes what belongs to a project only.</summary>
    /// <param name="kind">How the types of the events begin: API_KEY.</param>
    public async Task<Outcome<T>> RemoveAsync(ProjectId project, Func<T, bool> which, Problem missing, string kind, string actor, CancellationToken cancellation)
    {
        using var turn = await owners.TurnAsync(cancellation);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if ((await store.ListAsync(project, cancellation)).FirstOrDefault(s => which(s.Document)) is not { } stored)
                return missing;
            var rest = stored.Document.With(stored.Document.ProjectRoles.Remove(project));
            if (await owners.RefusedAsync(project, stored.Document, rest, cancellation) is { } last)
                return last;
            var removed = Event(project, rest, $"{kind}_REMOVED_FROM_GROUP", actor);
            var saved = IsOfNobody(rest)
                ? await store.DeleteAsync(rest, stored.Version, [removed, Event(project, rest, $"{kind}_DELETED", actor)], cancellation)
                : await store.SaveAsync(rest, stored.Version, [removed], cancellation);
            if (saved.Saved)
                return rest;
        }
        return new Problem.Conflict("The credential");
    }

    /// <summary>Membership alone, which every credential of the organisation has, keeps none.</summary>
    private static bool IsOfNobody(T credential) => credential.ProjectRoles.IsEmpty && credential.OrgRoles.All(r => r == Role.OrganizationMember.AtlasName);

    private ProjectEvent Event(ProjectId project, T credential, string type, string actor)
        => events.Make(project, type, actor, new KeyValuePair<string, string>("credential", credential.PublicPart));
}
