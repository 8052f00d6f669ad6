namespace Ear.Mongod.Storage;

/// <summary>The last stretch of the history, in memory for members that follow. At least the newest entry always stays.</summary>
internal sealed class Oplog(TimeProvider time, long maxBytes)
{
    private readonly List<OplogEntry> _entries = [];
    private int _head;
    private long _bytes;

    public long MaxBytes { get; set; } = maxBytes;

    /// <summary>Entries younger than this stay even above <see cref="MaxBytes"/>.</summary>
    public TimeSpan MinRetention { get; set; }

    public long Bytes => _bytes;

    public OpTime First => _entries.Count > _head ? _entries[_head].At : OpTime.None;

    public OpTime Last => _entries.Count > _head ? _entries[^1].At : OpTime.None;

    public IEnumerable<OplogEntry> Entries => _entries.Skip(_head);

    public void Add(OplogEntry entry)
    {
        if (entry.At.Ts <= Last.Ts || entry.At.Term < Last.Term) throw new InvalidOperationException($"The oplog must grow: {entry.At} after {Last}");
        _entries.Add(entry);
        _bytes += entry.Raw.Length;
        while (_bytes > MaxBytes && _entries.Count - _head > 1 && time.GetUtcNow() - First.Date >= MinRetention) _bytes -= _entries[_head++].Raw.Length;
        if (_head < 4096 || _head < _entries.Count / 2) return;
        _entries.RemoveRange(0, _head);
        _head = 0;
    }

    /// <summary>What follows a place in the history.</summary>
    /// <returns>Null: this history does not have that place, so whoever asks has another one (or is too far behind).</returns>
    public IReadOnlyList<OplogEntry>? After(OpTime place, int maxEntries, int maxBytes)
    {
        var at = IndexOf(place.Ts);
        if (at < 0 || _entries[at].At != place) return null;
        var found = new List<OplogEntry>();
        var bytes = 0;
        for (var i = at + 1; i < _entries.Count && found.Count < maxEntries && bytes < maxBytes; i++)
        {
            found.Add(_entries[i]);
            bytes += _entries[i].Raw.Length;
        }
        return found;
    }

    private int IndexOf(long ts)
    {
        var (low, high) = (_head, _entries.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var here = _entries[middle].At.Ts;
            if (here == ts) return middle;
            if (here < ts) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }
}
