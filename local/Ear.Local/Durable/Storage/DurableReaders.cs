using System.Collections.Concurrent;

namespace Ear.Local.Durable.Storage;

/// <summary>Lends reading connections; WAL lets them read while the writer writes.</summary>
internal sealed class DurableReaders(string file) : IDisposable
{
    private const int Most = 4;

    private readonly SemaphoreSlim _free = new(Most);
    private readonly ConcurrentBag<DurableReader> _idle = [];

    public async ValueTask<T> ReadAsync<T>(Func<DurableReader, T> read, CancellationToken cancellation = default)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            if (!_idle.TryTake(out var reader))
                reader = new DurableReader(file);
            try
            {
                return read(reader);
            }
            finally
            {
                _idle.Add(reader);
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var reader))
            reader.Dispose();
        _free.Dispose();
    }
}
