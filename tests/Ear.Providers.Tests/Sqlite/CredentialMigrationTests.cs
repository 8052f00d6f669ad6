using System.Text;
using Ear.Projects;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.Sqlite;

/// <summary>A file from before credentials were resources.</summary>
public sealed class CredentialMigrationTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_credential_is_found_and_listed_as_before_it_had_a_version()
    {
        var (org, project) = (Some.Id<OrgId>(), Some.Id<ProjectId>());
        using (var connection = new StoreConnection(_folder["ear.db"], SqliteOpenMode.ReadWriteCreate, TimeSpan.FromSeconds(1)))
        {
            Schema.Migrate(connection, 0, _folder["ear.db"], NullLogger.Instance, to: 2);
            connection.Execute("INSERT INTO credential (kind, public_part, document) VALUES ('account', 'mdb', $0)", Encoding.UTF8.GetBytes(
                $$$"""{"clientId":"mdb","secretSha256":"ab","orgId":"{{{org}}}","projectRoles":{"{{{project}}}":["GROUP_OWNER"]},"orgRoles":["ORG_OWNER"]}"""));
        }
        using var file = new StoreFile(new SqliteStoreOptions { Path = _folder["ear.db"] }, NullLogger.Instance, null);
        var accounts = new SqliteCredentials(file).Accounts;

        var stored = Assert.Single(await accounts.ListAsync(project, TestContext.Current.CancellationToken));

        Assert.Equal((1, "mdb", "ab"), (stored.Version, stored.Document.ClientId, stored.Document.SecretSha256));
        Assert.Empty(stored.Document.Secrets);
        Assert.True(stored.Document.CanSignIn(DateTimeOffset.UnixEpoch));
        Assert.True((await accounts.SaveAsync(stored.Document with { Name = "x" }, 1, [], TestContext.Current.CancellationToken)).Saved);
    }
}
