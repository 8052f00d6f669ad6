using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Sqlite;

/// <summary>
/// The store's one file: opened, migrated and locked at construction, so that a fault shows at start. The lock makes this process
/// the only one that writes (two Ears on one folder would both believe that they run the clusters), which is also what makes the
/// read caches correct. The operating system frees the lock when we die.
/// </summary>
internal sealed class StoreFile : IDisposable
{
    private readonly FileStream _lock;

    public StoreFile(IOptions<SqliteStoreOptions> options, ILogger<StoreFile> logger)
        : this(options.Value, logger, fault: null)
    {
    }

    internal StoreFile(SqliteStoreOptions options, ILogger logger, Action<SavePoint>? fault)
    {
        Options = options;
        var path = Path.GetFullPath(options.Path);
        _lock = Lock(path);
        StoreConnection? connection = null;
        try
        {
            connection = new StoreConnection(path, SqliteOpenMode.ReadWriteCreate, options.BusyTimeout);
            var schema = Schema.Check(connection, path);
            // WAL: readers and the writer do not wait for each other. FULL: a commit is on disk before its caller is answered.
            connection.First("PRAGMA journal_mode = WAL", r => r.GetString(0));
            connection.ExecuteScript("PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON; PRAGMA journal_size_limit = 67108864;");
            Schema.Migrate(connection, schema, path, logger);
            Writer = new StoreWriter(connection, options, logger, fault);
            Readers = new StoreReaders(path, options.ReadConnections, options.BusyTimeout);
            logger.StoreOpened(path, Schema.Version);
        }
        catch (Exception e)
        {
            connection?.Dispose();
            _lock.Dispose();
            if (e is SqliteException sqlite)
                throw SqliteFault.Tell(sqlite, path);
            throw;
        }
    }

    public SqliteStoreOptions Options { get; }

    public StoreWriter Writer { get; }

    public StoreReaders Readers { get; }

    public void Dispose()
    {
        Readers.Dispose();
        Writer.Dispose();
        _lock.Dispose();
    }

    // The folder and the file are for their owner only: documents name accounts, keys and people.
    private static FileStream Lock(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            else
                Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var held = new FileStream(path + ".lock", Private(FileShare.None));
            new FileStream(path, Private(FileShare.ReadWrite)).Dispose();
            return held;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreException($"'{path}' cannot be written. Give the account that runs Ear write access to the file and its folder.", e);
        }
        catch (IOException e) when (File.Exists(path + ".lock"))
        {
            throw new StoreException($"Another Ear works on '{path}'. Stop it first, or give this one its own data folder.", e);
        }
        catch (IOException e)
        {
            throw new StoreException($"'{path}' cannot be opened ({e.Message}). Check that its folder can be created and written by the account that runs Ear.", e);
        }
    }

    private static FileStreamOptions Private(FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
