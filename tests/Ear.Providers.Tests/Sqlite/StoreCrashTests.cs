using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.Sqlite;

/// <summary>Crashes of the machine and of the process: each saved version announces itself, so document and events can be compared afterwards.</summary>
public sealed class StoreCrashTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_log_that_ends_anywhere_is_a_store_of_an_earlier_moment()
    {
        const int versions = 12;
        var project = Some.Project();
        byte[] main, log;
        using (var file = Open(_folder["ear.db"]))
        {
            for (var version = 0; version < versions; version++)
                await new SqliteProjects(file).SaveAsync(project with { Name = $"{version + 1}" }, version, [Some.Event(project.Id, $"V{version + 1}")], Cancellation);
            // The log as a crash leaves it: on Windows the open file could not be read, elsewhere it can.
            main = await File.ReadAllBytesAsync(_folder["ear.db"], Cancellation);
            log = await File.ReadAllBytesAsync(_folder["ear.db-wal"], Cancellation);
        }

        var seen = new SortedSet<long>();
        for (var end = log.Length; end > 0; end -= 1543)
            seen.Add(await VersionAfterAsync(main, log[..end], project));

        // Every cut was an earlier moment, and the cuts met many of them.
        Assert.Contains(versions, seen);
        Assert.InRange(seen.Count, versions / 2, versions + 1);
    }

    [Fact]
    public async Task What_a_killed_process_was_told_is_there_and_its_document_and_events_agree()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Needs kill -9.");
        var project = Some.Project();
        var path = _folder["ear.db"];
        var version = 0L;
        for (var round = 0; round < 3; round++)
        {
            var told = await CrashingWriter.RunAndKillAsync(path, project, atLeast: 20, Cancellation);
            using var file = Open(path);
            var now = await CheckAsync(file, project);
            Assert.InRange(now, told, long.MaxValue);
            Assert.True(now > version, "The writer went on from where the killed one was.");
            version = now;
        }
    }

    private static async Task<long> VersionAfterAsync(byte[] main, byte[] log, Project project)
    {
        using var folder = new TestFolder();
        await File.WriteAllBytesAsync(folder["ear.db"], main, Cancellation);
        await File.WriteAllBytesAsync(folder["ear.db-wal"], log, Cancellation);
        using var file = Open(folder["ear.db"]);
        return await CheckAsync(file, project);
    }

    private static async Task<long> CheckAsync(StoreFile file, Project project)
    {
        var found = await new SqliteProjects(file).FindAsync(project.Id, Cancellation);
        var version = found?.Version ?? 0;
        Assert.Equal(new ChainCheck(version, null), await new SqliteAuditTrail(file).VerifyAsync(project.Id, Cancellation));
        var pending = await new SqliteOutbox(file).PendingAsync(int.MaxValue, Cancellation);
        Assert.Equal(version, pending.Count);
        if (version > 0)
            Assert.Equal(($"{version}", $"V{version}"), (found!.Document.Name, pending[^1].Event.Type));
        return version;
    }

    private static StoreFile Open(string path) => new(new SqliteStoreOptions { Path = path }, NullLogger.Instance, fault: null);
}
