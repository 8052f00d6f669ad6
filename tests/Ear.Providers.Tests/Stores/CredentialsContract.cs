using System.Collections.Immutable;
using Ear.Projects;
using Ear.Providers.Tests.AzureTables;

namespace Ear.Providers.Tests.Stores;

public sealed class CredentialsInMemory() : CredentialsContract(new InMemoryUnderTest());

public sealed class CredentialsInSqlite() : CredentialsContract(new SqliteUnderTest());

public sealed class CredentialsInAzure() : CredentialsContract(new AzureUnderTest());

public abstract class CredentialsContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly ApiKey _key = new("abcdefgh", new string('1', 32), Some.Id<OrgId>(), ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(Some.Id<ProjectId>(), ["GROUP_OWNER"]), ["ORG_MEMBER"]);

    private protected CredentialsContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_key_is_found_by_its_public_part_as_it_was_saved()
    {
        await _store.Credentials.SaveAsync(_key, Cancellation);

        Assert.Equal(Some.Json(_key), Some.Json(await _store.Credentials.FindApiKeyAsync("abcdefgh", Cancellation)));
        Assert.Null(await _store.Credentials.FindApiKeyAsync("ABCDEFGH", Cancellation));
    }

    [Fact]
    public async Task A_changed_key_counts_at_once()
    {
        await _store.Credentials.SaveAsync(_key, Cancellation);
        await _store.Credentials.FindApiKeyAsync(_key.PublicKey, Cancellation);

        await _store.Credentials.SaveAsync(_key with { OrgRoles = [] }, Cancellation);

        Assert.Empty((await _store.Credentials.FindApiKeyAsync(_key.PublicKey, Cancellation))!.OrgRoles);
    }

    [Fact]
    public async Task A_key_and_a_service_account_of_one_name_are_two()
    {
        var account = new ServiceAccount("abcdefgh", new string('2', 64), _key.OrgId, _key.ProjectRoles, []);
        await _store.Credentials.SaveAsync(_key, Cancellation);
        Assert.Null(await _store.Credentials.FindServiceAccountAsync("abcdefgh", Cancellation));

        await _store.Credentials.SaveAsync(account, Cancellation);

        Assert.Equal(Some.Json(account), Some.Json(await _store.Credentials.FindServiceAccountAsync("abcdefgh", Cancellation)));
        Assert.Equal(Some.Json(_key), Some.Json(await _store.Credentials.FindApiKeyAsync("abcdefgh", Cancellation)));
    }

    [Fact]
    public async Task A_granted_role_counts_at_once_beside_the_others_and_for_one_credential()
    {
        var project = Some.Id<ProjectId>();
        await _store.Credentials.SaveAsync(_key, Cancellation);
        await _store.Credentials.SaveAsync(new ServiceAccount("abcdefgh", new string('2', 64), _key.OrgId, _key.ProjectRoles, []), Cancellation);
        await _store.Credentials.FindApiKeyAsync(_key.PublicKey, Cancellation);

        await _store.Credentials.GrantAsync("abcdefgh", project, ["GROUP_READ_ONLY"], Cancellation);
        await _store.Credentials.GrantAsync("nobody", project, ["GROUP_OWNER"], Cancellation);

        Assert.Equal(Some.Json(_key with { ProjectRoles = _key.ProjectRoles.Add(project, ["GROUP_READ_ONLY"]) }), Some.Json(await _store.Credentials.FindApiKeyAsync("abcdefgh", Cancellation)));
        Assert.Single((await _store.Credentials.FindServiceAccountAsync("abcdefgh", Cancellation))!.ProjectRoles);
    }

    [Fact]
    public async Task Of_roles_that_are_granted_at_once_none_is_lost()
    {
        var projects = Enumerable.Range(0, 20).Select(_ => Some.Id<ProjectId>()).ToList();
        await _store.Credentials.SaveAsync(_key, Cancellation);

        await Task.WhenAll(projects.Select(p => Task.Run(() => _store.Credentials.GrantAsync("abcdefgh", p, ["GROUP_OWNER"], Cancellation), Cancellation)));

        Assert.Equal(21, (await _store.Credentials.FindApiKeyAsync("abcdefgh", Cancellation))!.ProjectRoles.Count);
    }

    [Fact]
    public async Task Of_a_project_that_is_forgotten_nobody_has_a_role()
    {
        var (gone, project) = (_key.ProjectRoles.Keys.Single(), Some.Id<ProjectId>());
        var account = new ServiceAccount("account", new string('2', 64), _key.OrgId, _key.ProjectRoles.Add(project, ["GROUP_OWNER"]), []);
        await _store.Credentials.SaveAsync(_key, Cancellation);
        await _store.Credentials.SaveAsync(account, Cancellation);
        await _store.Credentials.FindServiceAccountAsync("account", Cancellation);

        await _store.Credentials.ForgetAsync(gone, Cancellation);

        Assert.Empty((await _store.Credentials.FindApiKeyAsync("abcdefgh", Cancellation))!.ProjectRoles);
        Assert.Equal([project], (await _store.Credentials.FindServiceAccountAsync("account", Cancellation))!.ProjectRoles.Keys);
        Assert.Equal(["ORG_MEMBER"], (await _store.Credentials.FindApiKeyAsync("abcdefgh", Cancellation))!.OrgRoles);
    }

    [Fact]
    public async Task A_save_is_of_the_version_that_was_loaded_and_tells_its_events()
    {
        var project = _key.ProjectRoles.Keys.Single();
        Assert.Equal(SaveResult.As(1), await _store.ApiKeys.SaveAsync(_key, 0, [Some.Event(project, "API_KEY_CREATED")], Cancellation));
        Assert.Equal(SaveResult.Conflict, await _store.ApiKeys.SaveAsync(_key, 0, [Some.Event(project, "API_KEY_CREATED")], Cancellation));

        var changed = _key with { Description = "changed" };
        Assert.Equal(SaveResult.As(2), await _store.ApiKeys.SaveAsync(changed, 1, [Some.Event(project, "API_KEY_DESCRIPTION_CHANGED")], Cancellation));
        Assert.Equal(SaveResult.Conflict, await _store.ApiKeys.SaveAsync(_key, 1, [Some.Event(project, "NEVER")], Cancellation));

        var stored = (await _store.ApiKeys.FindAsync(_key.PublicKey, Cancellation))!;
        Assert.Equal((2, Some.Json(changed)), (stored.Version, Some.Json(stored.Document)));
        Assert.Equal(["API_KEY_CREATED", "API_KEY_DESCRIPTION_CHANGED"], (await _store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
    }

    [Fact]
    public async Task A_grant_and_a_save_by_somebody_else_make_another_version()
    {
        await _store.ApiKeys.SaveAsync(_key, 0, [], Cancellation);
        await _store.Credentials.GrantAsync(_key.PublicKey, Some.Id<ProjectId>(), ["GROUP_OWNER"], Cancellation);
        Assert.Equal(SaveResult.Conflict, await _store.ApiKeys.SaveAsync(_key, 1, [], Cancellation));
        await _store.Credentials.SaveAsync(_key, Cancellation);

        Assert.Equal(SaveResult.Conflict, await _store.ApiKeys.SaveAsync(_key, 2, [], Cancellation));
        Assert.Equal(SaveResult.As(4), await _store.ApiKeys.SaveAsync(_key, 3, [], Cancellation));
    }

    [Fact]
    public async Task Those_of_a_project_are_listed_by_their_public_parts_however_they_came_to_their_roles()
    {
        var (project, later) = (_key.ProjectRoles.Keys.Single(), Some.Id<ProjectId>());
        await _store.ApiKeys.SaveAsync(_key with { PublicKey = "zzzzzzzz" }, 0, [], Cancellation);
        await _store.Credentials.SaveAsync(_key, Cancellation);
        await _store.ServiceAccounts.SaveAsync(new ServiceAccount("account", "", _key.OrgId, _key.ProjectRoles, []), 0, [], Cancellation);
        await _store.Credentials.GrantAsync("zzzzzzzz", later, ["GROUP_OWNER"], Cancellation);

        Assert.Equal(["abcdefgh", "zzzzzzzz"], await KeysOfAsync(project));
        Assert.Equal(["zzzzzzzz"], await KeysOfAsync(later));
        Assert.Equal(["account"], (await _store.ServiceAccounts.ListAsync(project, Cancellation)).Select(a => a.Document.ClientId));
        await _store.Credentials.ForgetAsync(project, Cancellation);
        Assert.Empty(await KeysOfAsync(project));
        Assert.Equal(["zzzzzzzz"], await KeysOfAsync(later));
        Assert.Empty(await _store.ServiceAccounts.ListAsync(project, Cancellation));
    }

    [Fact]
    public async Task A_deleted_one_is_gone_at_once_but_only_in_its_version()
    {
        var project = _key.ProjectRoles.Keys.Single();
        await _store.ApiKeys.SaveAsync(_key, 0, [], Cancellation);
        await _store.Credentials.FindApiKeyAsync(_key.PublicKey, Cancellation);
        Assert.Equal(SaveResult.Conflict, await _store.ApiKeys.DeleteAsync(_key, 7, [Some.Event(project, "NEVER")], Cancellation));

        Assert.True((await _store.ApiKeys.DeleteAsync(_key, 1, [Some.Event(project, "API_KEY_DELETED")], Cancellation)).Saved);

        Assert.Null(await _store.Credentials.FindApiKeyAsync(_key.PublicKey, Cancellation));
        Assert.Empty(await KeysOfAsync(project));
        Assert.Equal(["API_KEY_DELETED"], (await _store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
        Assert.Equal(SaveResult.As(1), await _store.ApiKeys.SaveAsync(_key, 0, [], Cancellation));
    }

    private async Task<IEnumerable<string>> KeysOfAsync(ProjectId project) => (await _store.ApiKeys.ListAsync(project, Cancellation)).Select(k => k.Document.PublicKey);
}
