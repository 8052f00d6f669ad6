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
}
