using System.Text.Json;
using Ear.Projects;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.Sqlite;

/// <summary>A file from before names were unique.</summary>
public sealed class ProjectNameMigrationTests : IDisposable
{
    private static readonly OrgId Org = Some.Id<OrgId>();
    private readonly TestFolder _folder = new();

    private string DatabasePath => _folder["ear.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_oldest_keeps_a_name_that_several_have_and_the_others_get_the_end_of_their_id()
    {
        var longName = new string('x', 64);
        Project[] old = [.. new[] { "shop", "shop", "shop", "other", longName, longName }.Select(n => Some.Project(n) with { OrgId = Org })];
        var elsewhere = Some.Project("shop");
        Write([.. old, elsewhere]);

        using var file = new StoreFile(new SqliteStoreOptions { Path = DatabasePath }, NullLogger.Instance, null);
        var projects = new SqliteProjects(file);

        string[] expected = ["shop", $"shop-{old[1].Id.Value[^6..]}", $"shop-{old[2].Id.Value[^6..]}", "other", longName, $"{longName[..57]}-{old[5].Id.Value[^6..]}", "shop"];
        foreach (var (project, name) in old.Append(elsewhere).Zip(expected))
        {
            var stored = (await projects.FindAsync(project.Id, TestContext.Current.CancellationToken))!;
            Assert.Equal(Some.Json(project with { Name = name }), Some.Json(stored.Document));
            Assert.Equal(project.Id, (await projects.FindAsync(project.OrgId, name, TestContext.Current.CancellationToken))!.Document.Id);
            Assert.True((await projects.SaveAsync(stored.Document, stored.Version, [], TestContext.Current.CancellationToken)).Saved);
        }
    }

    private void Write(IEnumerable<Project> projects)
    {
        using var connection = new StoreConnection(DatabasePath, SqliteOpenMode.ReadWriteCreate, TimeSpan.FromSeconds(1));
        Schema.Migrate(connection, 0, DatabasePath, NullLogger.Instance, to: 1);
        foreach (var project in projects)
            connection.Execute("INSERT INTO project (id, version, document) VALUES ($0, 1, $1)", project.Id.Value, JsonSerializer.SerializeToUtf8Bytes(project, EarJson.Options));
    }
}
