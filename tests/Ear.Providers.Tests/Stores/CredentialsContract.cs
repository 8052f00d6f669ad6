using System.Collections.Immutable;
using Ear.Projects;

namespace Ear.Providers.Tests.Stores;

public sealed class CredentialsInMemory() : CredentialsContract(new InMemoryUnderTest());

public sealed class CredentialsInSqlite() : CredentialsContract(new SqliteUnderTest());

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
}
