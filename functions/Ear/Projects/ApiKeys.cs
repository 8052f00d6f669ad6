using System.Collections.Immutable;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>The API keys of a project (HTTP Digest): made, changed, removed by its owners.</summary>
public sealed class ApiKeys(CredentialChanges<ApiKey> changes)
{
    private const int MaxTries = 10;

    public Task<IReadOnlyList<ApiKey>> ListAsync(ProjectId project, CancellationToken cancellation) => changes.ListAsync(project, cancellation);

    /// <param name="ids">Asked for a public and a private key, and again when another key has that public one.</param>
    public async Task<Outcome<NewApiKey>> CreateAsync(Project project, Caller caller, IIds ids, string description, ImmutableArray<string> roles, CancellationToken cancellation)
    {
        if (!GivenRoles.Of(roles, caller, project).IsOk(out var given, out var problem))
            return problem;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var (publicKey, privateKey) = (ApiKeySecrets.NewPublicKey(ids), ApiKeySecrets.NewPrivateKey(ids));
            var granted = ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(project.Id, given);
            var key = new ApiKey(publicKey, ApiKeySecrets.Ha1(publicKey, privateKey), project.OrgId, granted, [Role.OrganizationMember.AtlasName])
            {
                Description = description,
            };
            var made = await changes.CreateAsync(project.Id, key, k => k.Ha1Md5 == key.Ha1Md5, "API_KEY_CREATED", caller.Name, cancellation);
            if (made is { } outcome)
                return outcome.Map(k => new NewApiKey(k, privateKey));
        }
        return new Problem.Conflict("The public key");
    }

    /// <param name="description">Null: as it is.</param>
    /// <param name="roles">Null: as they are.</param>
    public Task<Outcome<ApiKey>> ChangeAsync(Project project, Caller caller, string id, string? description, ImmutableArray<string>? roles, CancellationToken cancellation)
        => changes.ApplyAsync(project.Id, k => k.Id() == id, new Problem.ApiKeyNotFound(id), caller.Name, key =>
        {
            var (changed, told) = (key, ImmutableArray<string>.Empty);
            if (roles is { } wanted)
            {
                if (!GivenRoles.Of(wanted, caller, project).IsOk(out var given, out var problem))
                    return problem;
                if (!given.SequenceEqual(key.ProjectRoles[project.Id]))
                    (changed, told) = (changed with { ProjectRoles = key.ProjectRoles.SetItem(project.Id, given) }, told.Add("API_KEY_ROLES_CHANGED"));
            }
            if (description is not null && description != key.Description)
                (changed, told) = (changed with { Description = description }, told.Add("API_KEY_DESCRIPTION_CHANGED"));
            return (changed, told);
        }, cancellation);

    public Task<Outcome<ApiKey>> RemoveAsync(ProjectId project, string id, string actor, CancellationToken cancellation)
        => changes.RemoveAsync(project, k => k.Id() == id, new Problem.ApiKeyNotFound(id), "API_KEY", actor, cancellation);
}

/// <param name="PrivateKey">Secret, and kept nowhere.</param>
public sealed record NewApiKey(ApiKey Key, string PrivateKey)
{
    public override string ToString() => Key.ToString();
}
