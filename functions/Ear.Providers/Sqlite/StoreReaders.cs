using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Ear.Providers.Sqlite;

/// <summary>A bounded pool of read-only connections. Reads never wait for the writer (WAL); each sees the newest commit at its start.</summary>
internal sealed class StoreReaders(string path, int max, TimeSpan busyTimeout) : IDisposable
{
    private readonly ConcurrentStack<StoreConnection> _idle = new();
    private readonly SemaphoreSlim _free = new(max, max);
    private volatile bool _disposed;

    /// <param name="read">Short; runs on the caller's thread.</param>
    public async ValueTask<T> ReadAsync<T>(Func<StoreConnection, T> read, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _free.WaitAsync(cancellation);
        try
        {
            return Read(read);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Several statements that see one state of the store.</summary>
    public ValueTask<T> ReadAtOnceAsync<T>(Func<StoreConnection, T> read, CancellationToken cancellation)
        => ReadAsync(connection =>
        {
            connection.Execute("BEGIN");
            try
            {
                return read(connection);
            }
            finally
            {
                connection.Execute("ROLLBACK");
            }
        }, cancellation);

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out var connection))
            connection.Dispose();
    }

    private T Read<T>(Func<StoreConnection, T> read)
    {
        StoreConnection? connection = null;
        try
        {
            if (!_idle.TryPop(out connection))
                connection = new StoreConnection(path, SqliteOpenMode.ReadOnly, busyTimeout);
            var result = read(connection);
            if (!_disposed)
            {
                _idle.Push(connection);
                connection = null;
            }
            return result;
        }
        catch (SqliteException e)
        {
            throw SqliteFault.Tell(e, path);
        }
        finally
        {
            // A connection on which something failed is not used again.
            connection?.Dispose();
        }
    }
}
