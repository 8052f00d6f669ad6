using System.Collections.Concurrent;

namespace Ear.Providers.Sqlite;

/// <summary>
/// Documents as last read, for kinds that are read with every request and whose types are immutable all through. Correct because
/// this process is the only writer (<see cref="StoreFile"/>): a save drops its key after its commit and before its answer, and a
/// read that began before that drop is not kept. So whoever was answered, or asks after it, never sees the state before.
/// </summary>
internal sealed class DocumentCache<T>(int capacity)
    where T : class
{
    private readonly ConcurrentDictionary<string, T> _entries = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _drops;

    public T? Find(string key) => _entries.GetValueOrDefault(key);

    /// <summary>Taken before reading from the file, given to <see cref="Keep"/> after it.</summary>
    public long Mark() => Volatile.Read(ref _drops);

    public void Keep(string key, T document, long mark)
    {
        lock (_gate)
        {
            if (mark != _drops || capacity == 0)
                return;
            // Full: start over. Simple, bounded, and rare at sensible sizes.
            if (_entries.Count >= capacity)
                _entries.Clear();
            _entries[key] = document;
        }
    }

    public void Drop(string key)
    {
        lock (_gate)
        {
            _drops++;
            _entries.TryRemove(key, out _);
        }
    }
}
