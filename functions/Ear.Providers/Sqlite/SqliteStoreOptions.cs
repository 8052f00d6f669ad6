using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Sqlite;

/// <summary>Where the store is and how much it may hold in memory. Checked before the first request, all faults at once.</summary>
public sealed class SqliteStoreOptions
{
    public const string Section = "Ear:Store";

    /// <summary>The file; its folder is created when missing. Beside it: -wal, -shm, .lock. No default.</summary>
    public string Path { get; set; } = "";

    /// <summary>Connections that read at the same time; more callers wait. Default 8, 1 to 64.</summary>
    public int ReadConnections { get; set; } = 8;

    /// <summary>Saves that share one commit (one fsync). Default 256, 1 to 4,096: larger makes one caller wait longer for the others.</summary>
    public int MaxBatch { get; set; } = 256;

    /// <summary>Saves that wait for the writer; more callers wait before they are taken. Default 4,096, 1 to 65,536.</summary>
    public int QueueCapacity { get; set; } = 4096;

    /// <summary>Projects, API keys and service accounts kept in memory, of each kind. Default 10,000, 0 (none) to 1,000,000.</summary>
    public int CachedDocuments { get; set; } = 10_000;

    /// <summary>How long to wait for another program that holds the file (a backup, the sqlite3 shell). Default 5 s, 0 to 60 s.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

internal sealed class SqliteStoreOptionsCheck : IValidateOptions<SqliteStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteStoreOptions options)
    {
        var faults = new OptionFaults(SqliteStoreOptions.Section);
        if (string.IsNullOrWhiteSpace(options.Path))
            faults.Add(nameof(options.Path), "is empty; name the file in which Ear keeps its documents, e.g. /var/lib/ear/ear.db.");
        faults.Within(nameof(options.ReadConnections), options.ReadConnections, 1, 64);
        faults.Within(nameof(options.MaxBatch), options.MaxBatch, 1, 4096);
        faults.Within(nameof(options.QueueCapacity), options.QueueCapacity, 1, 65_536);
        faults.Within(nameof(options.CachedDocuments), options.CachedDocuments, 0, 1_000_000);
        faults.Within(nameof(options.BusyTimeout), options.BusyTimeout, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        return faults.Result;
    }
}
