using System.Collections.Immutable;
using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>The service accounts of a project (OAuth2) and their secrets: made, changed, removed by its owners.</summary>
public sealed class ServiceAccounts(CredentialChanges<ServiceAccount> changes, EventFactory events)
{
    public Task<IReadOnlyList<ServiceAccount>> ListAsync(ProjectId project, CancellationToken cancellation) => changes.ListAsync(project, cancellation);

    public async Task<Outcome<ServiceAccount>> FindAsync(ProjectId project, string clientId, CancellationToken cancellation)
        => (await ListAsync(project, cancellation)).FirstOrDefault(a => a.ClientId == clientId) is { } account ? account : new Problem.ServiceAccountNotFound(clientId);

    public async Task<Outcome<NewSecret>> CreateAsync(Project project, Caller caller, IIds ids, NewServiceAccount wanted, CancellationToken cancellation)
    {
        if (!GivenRoles.Of(wanted.Roles, caller, project).IsOk(out var given, out var problem))
            return problem;
        var clientId = ApiKeySecrets.NewClientId(ids);
        var (secret, text) = NewSecret(ids, wanted.SecretLife);
        var account = new ServiceAccount(clientId, "", project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(project.Id, given), [Role.OrganizationMember.AtlasName])
        {
            Name = wanted.Name,
            Description = wanted.Description,
            Created = events.Now,
            Secrets = [secret],
        };
        // A client id that somebody else has can only be a repeat.
        var made = await changes.CreateAsync(project.Id, account, a => a.ProjectRoles.ContainsKey(project.Id), "SERVICE_ACCOUNT_CREATED", caller.Name, cancellation);
        return made is { } outcome ? outcome.Map(a => new NewSecret(a, secret.Id, text)) : new Problem.Conflict("The client id");
    }

    public Task<Outcome<ServiceAccount>> ChangeAsync(Project project, Caller caller, string clientId, ServiceAccountPatch patch, CancellationToken cancellation)
        => ApplyAsync(project.Id, clientId, caller.Name, account =>
        {
            var (changed, told) = (account, ImmutableArray<string>.Empty);
            if (patch.Roles is { } wanted)
            {
                if (!GivenRoles.Of(wanted, caller, project).IsOk(out var given, out var problem))
                    return problem;
                if (!given.SequenceEqual(account.ProjectRoles[project.Id]))
                    (changed, told) = (changed with { ProjectRoles = account.ProjectRoles.SetItem(project.Id, given) }, told.Add("SERVICE_ACCOUNT_ROLES_CHANGED"));
            }
            var (name, description) = (patch.Name ?? account.Name, patch.Description ?? account.Description);
            if ((name, description) != (account.Name, account.Description))
                (changed, told) = (changed with { Name = name, Description = description }, told.Add("SERVICE_ACCOUNT_DETAILS_CHANGED"));
            return (changed, told);
        }, cancellation);

    public Task<Outcome<ServiceAccount>> RemoveAsync(ProjectId project, string clientId, string actor, CancellationToken cancellation)
        => changes.RemoveAsync(project, a => a.ClientId == clientId, new Problem.ServiceAccountNotFound(clientId), "SERVICE_ACCOUNT", actor, cancellation);

    /// <summary>Beside the one in use. Those whose time is over make room.</summary>
    public Task<Outcome<NewSecret>> AddSecretAsync(ProjectId project, string clientId, IIds ids, TimeSpan life, string actor, CancellationToken cancellation)
    {
        var (secret, text) = NewSecret(ids, life);
        return ApplyAsync(project, clientId, actor, account =>
        {
            if (account.Secrets.Any(s => s.Id == secret.Id))
                return (account, []);
            var live = account.Secrets.RemoveAll(s => s.Expires <= events.Now);
            return live.Length >= ServiceAccount.MaxSecrets
                ? new Problem.TooManySecrets(clientId, ServiceAccount.MaxSecrets)
                : (account with { Secrets = live.Add(secret) }, ["SERVICE_ACCOUNT_SECRET_ADDED"]);
        }, cancellation).MapAsync(account => new NewSecret(account, secret.Id, text));
    }

    /// <summary>Tokens that were got with it last until their end.</summary>
    public Task<Outcome<ServiceAccount>> DeleteSecretAsync(ProjectId project, string clientId, string secretId, string actor, CancellationToken cancellation)
        => ApplyAsync(project, clientId, actor, account => account.Secrets.FirstOrDefault(s => s.Id == secretId) is { } secret
            ? (account with { Secrets = account.Secrets.Remove(secret) }, ["SERVICE_ACCOUNT_SECRET_DELETED"])
            : new Problem.SecretNotFound(secretId, clientId), cancellation);

    private Task<Outcome<ServiceAccount>> ApplyAsync(
        ProjectId project, string clientId, string actor, Func<ServiceAccount, Outcome<(ServiceAccount Changed, ImmutableArray<string> Events)>> change, CancellationToken cancellation)
        => changes.ApplyAsync(project, a => a.ClientId == clientId, new Problem.ServiceAccountNotFound(clientId), actor, change, cancellation);

    private (AccountSecret Secret, string Text) NewSecret(IIds ids, TimeSpan life)
    {
        var text = ApiKeySecrets.NewClientSecret(ids);
        return (new AccountSecret(ids.NewHex(), ApiKeySecrets.SecretSha256(text), text[^4..], events.Now, events.Now + life), text);
    }
}

public sealed record NewServiceAccount(string Name, string Description, ImmutableArray<string> Roles, TimeSpan SecretLife);

/// <summary>Null: as it is.</summary>
public sealed record ServiceAccountPatch(string? Name, string? Description, ImmutableArray<string>? Roles);

/// <param name="Text">Secret, and kept nowhere.</param>
public sealed record NewSecret(ServiceAccount Account, string SecretId, string Text)
{
    public override string ToString() => Account.ToString();
}
