using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.Sqlite;

/// <summary>Opening: what the operator meets when the file is not as it should be.</summary>
public sealed class StoreFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string DatabasePath => _folder["ear.db"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_file_and_its_folder_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }
        var path = Path.Combine(_folder["new"], "deep", "ear.db");
        using var file = Open(path);
        await new SqliteProjects(file).SaveAsync(Some.Project(), 0, [], Cancellation);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path + "-wal"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task Commits_are_synchronous_and_readers_do_not_wait()
    {
        using var file = Open(DatabasePath);

        var settings = await file.Writer.WriteAsync(c => (c.First("PRAGMA journal_mode", r => r.GetString(0)), c.First("PRAGMA synchronous", r => r.GetInt64(0))), Cancellation);

        Assert.Equal(("wal", 2L), settings);
    }

    [Fact]
    public void A_second_Ear_on_the_same_file_is_refused_until_the_first_ends()
    {
        using (Open(DatabasePath))
        {
            var e = Assert.Throws<StoreException>(() => Open(DatabasePath));
            Assert.StartsWith($"Another Ear works on '{DatabasePath}'. Stop it", e.Message, StringComparison.Ordinal);
        }
        Open(DatabasePath).Dispose();
    }

    [Fact]
    public void A_file_of_another_program_is_refused_and_left_alone()
    {
        Execute("CREATE TABLE theirs (a)");

        Assert.Contains("belongs to another program", Assert.Throws<StoreException>(() => Open(DatabasePath)).Message, StringComparison.Ordinal);
        Assert.Equal(1L, Execute("SELECT count(*) FROM sqlite_master"));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        File.WriteAllText(DatabasePath, new string('x', 10_000));

        Assert.Contains("is no SQLite file", Assert.Throws<StoreException>(() => Open(DatabasePath)).Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 10_000), File.ReadAllText(DatabasePath));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told_with_its_path()
    {
        File.WriteAllText(_folder["file"], "");
        var path = Path.Combine(_folder["file"], "ear.db");

        Assert.Contains($"'{path}' cannot be opened", Assert.Throws<StoreException>(() => Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_page_is_told_with_what_to_do()
    {
        using (var file = Open(DatabasePath))
        {
            for (var i = 0; i < 50; i++)
                await new SqliteProjects(file).SaveAsync(Some.Project(), 0, [], Cancellation);
        }
        var bytes = await File.ReadAllBytesAsync(DatabasePath, Cancellation);
        bytes.AsSpan(4096).Fill(0xAA);
        await File.WriteAllBytesAsync(DatabasePath, bytes, Cancellation);

        var e = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            using var file = Open(DatabasePath);
            await new SqliteProjects(file).PageAsync(null, 100, Cancellation);
        });
        Assert.Contains("is damaged", e.Message, StringComparison.Ordinal);
        Assert.Contains("restore the newest backup", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_store_refuses_saves_and_reads()
    {
        var file = Open(DatabasePath);
        file.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => new SqliteProjects(file).SaveAsync(Some.Project(), 0, [], Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => new SqliteProjects(file).FindAsync(Some.Id<ProjectId>(), Cancellation));
    }

    [Fact]
    public async Task Saves_that_were_taken_are_carried_out_before_the_store_closes()
    {
        var file = Open(DatabasePath);
        var projects = new SqliteProjects(file);
        var saves = Enumerable.Range(0, 500).Select(i => projects.SaveAsync(Some.Project(), 0, [], Cancellation)).ToList();
        file.Dispose();

        Assert.All(await Task.WhenAll(saves), r => Assert.True(r.Saved));
        Assert.Equal(500L, Execute("SELECT count(*) FROM project"));
    }

    [Theory]
    [InlineData("UPDATE event SET type = 'X'")]
    [InlineData("DELETE FROM event")]
    [InlineData("INSERT OR REPLACE INTO event SELECT project, sequence, id, 'X', cluster, created, previous_hash, hash, document FROM event")]
    public async Task The_store_itself_refuses_to_change_events(string sql)
    {
        using var file = Open(DatabasePath);
        var project = Some.Project();
        await new SqliteProjects(file).SaveAsync(project, 0, [Some.Event(project.Id)], Cancellation);

        var e = await Assert.ThrowsAsync<StoreException>(() => file.Writer.WriteAsync(c => c.Execute(sql), Cancellation));

        Assert.Contains("events are append-only", e.Message, StringComparison.Ordinal);
        Assert.Equal(new ChainCheck(1, null), await new SqliteAuditTrail(file).VerifyAsync(project.Id, Cancellation));
    }

    [Theory]
    [InlineData("DELETE FROM event WHERE sequence = 3", "should end with event 3; it ends with 2")]
    [InlineData("DELETE FROM event WHERE sequence = 1", "Event 1 is missing")]
    [InlineData("UPDATE event SET type = 'HARMLESS' WHERE sequence = 2", "Event 2 is filed under other facts")]
    [InlineData("UPDATE event SET hash = zeroblob(32) WHERE sequence = 2", "Event 2 was changed")]
    [InlineData("DELETE FROM event WHERE sequence = 2; UPDATE event SET sequence = 2 WHERE sequence = 3; UPDATE chain SET sequence = 2", "Event 2 was changed, or does not follow")]
    public async Task Whoever_works_on_the_file_itself_is_noticed(string sql, string fault)
    {
        var project = Some.Project();
        using (var file = Open(DatabasePath))
            await new SqliteProjects(file).SaveAsync(project, 0, [Some.Event(project.Id), Some.Event(project.Id), Some.Event(project.Id)], Cancellation);
        Execute($"DROP TRIGGER event_never_changes; DROP TRIGGER event_never_goes; {sql}");

        using var again = Open(DatabasePath);
        Assert.Contains(fault, (await new SqliteAuditTrail(again).VerifyAsync(project.Id, Cancellation)).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_was_replaced_with_its_hash_by_what_is_no_event_is_a_fault_of_the_chain()
    {
        var project = Some.Project();
        string previous;
        using (var file = Open(DatabasePath))
        {
            await new SqliteProjects(file).SaveAsync(project, 0, [Some.Event(project.Id), Some.Event(project.Id)], Cancellation);
            previous = (await new SqliteEvents(file).ListAsync(project.Id, EventFilter.All, 0, 1, Cancellation)).Events[0].PreviousHash;
        }
        var hash = EventChain.Hash(previous, "no event"u8);
        Execute($"DROP TRIGGER event_never_changes; UPDATE event SET document = CAST('no event' AS BLOB), hash = x'{hash}' WHERE sequence = 2; UPDATE chain SET hash = x'{hash}'");

        using var again = Open(DatabasePath);
        Assert.Equal(new ChainCheck(2, "Event 2 cannot be read."), await new SqliteAuditTrail(again).VerifyAsync(project.Id, Cancellation));
    }

    [Fact]
    public async Task Saves_that_wait_share_a_commit()
    {
        var commits = 0;
        using var first = new ManualResetEventSlim();
        using var file = new StoreFile(new SqliteStoreOptions { Path = DatabasePath }, NullLogger.Instance, at =>
        {
            if (at != SavePoint.AfterCommit)
                return;
            commits++;
            first.Wait(TimeSpan.FromSeconds(30));
        });
        var projects = new SqliteProjects(file);
        var saves = Enumerable.Range(0, 101).Select(_ => projects.SaveAsync(Some.Project(), 0, [], Cancellation)).ToList();
        first.Set();
        await Task.WhenAll(saves);

        // The first commit holds the writer while the others arrive; at 256 a batch, the rest is one more, or two if it was slow to begin.
        Assert.InRange(commits, 1, 3);
    }

    private static StoreFile Open(string path) => new(new SqliteStoreOptions { Path = path }, NullLogger.Instance, fault: null);

    private object? Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
