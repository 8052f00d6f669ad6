using Ear.Mongod.Encryption;

namespace Ear.Mongod.Storage;

/// <summary>
/// The oplog on disk, in segments. One thread writes: what piled up during the last flush becomes one record and one flush (group commit),
/// so at most one record is ever in flight when we die.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const long SegmentSize = 16 << 20;
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly IRecordCipher _cipher;
    private readonly Action<OpTime> _durable;
    private readonly Action<Exception> _failed;
    private readonly List<(string Path, OpTime Last)> _full = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _writer;
    private List<OplogEntry> _pending = [];
    private RecordFile _segment;
    private int _number;
    private volatile bool _stopping;
    private long _written;

    private Journal(string folder, IRecordCipher cipher, RecordFile segment, int number, Action<OpTime> durable, Action<Exception> failed)
    {
        (_folder, _cipher, _segment, _number, _durable, _failed) = (folder, cipher, segment, number, durable, failed);
        _writer = new Thread(Write) { Name = "journal", IsBackground = true };
    }

    /// <summary>Bytes written by this process.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Reads what is there (the torn end of the last segment is cut off) and goes on behind it.</summary>
    public static Journal Open(string folder, IRecordCipher cipher, Action<OplogEntry> recovered, Action<OpTime> durable, Action<Exception> failed)
    {
        Directory.CreateDirectory(folder);
        var paths = Directory.GetFiles(folder, "journal.*").Order(StringComparer.Ordinal).ToArray();
        var full = new List<(string, OpTime)>();
        var (length, last) = (0L, OpTime.None);
        foreach (var path in paths)
        {
            (var records, length) = RecordFile.ReadAll(path, cipher, tornTailAllowed: path == paths[^1]);
            foreach (var entry in records.SelectMany(OplogEntry.FromRun))
            {
                recovered(entry);
                last = entry.At;
            }
            full.Add((path, last));
        }
        var number = paths.Length == 0 ? 1 : int.Parse(paths[^1].AsSpan(paths[^1].LastIndexOf('.') + 1));
        var segment = paths.Length == 0
            ? RecordFile.Create(PathOf(folder, number), cipher)
            : RecordFile.Continue(paths[^1], cipher, length);
        AtomicFile.FlushDirectory(folder);
        var journal = new Journal(folder, cipher, segment, number, durable, failed);
        journal._full.AddRange(full.SkipLast(1));
        journal._writer.Start();
        return journal;
    }

    /// <summary>Called in the order of the history.</summary>
    public void Enqueue(OplogEntry entry)
    {
        lock (_gate) _pending.Add(entry);
        _wake.Set();
    }

    /// <summary>Removes segments that hold only history before <paramref name="keep"/>.</summary>
    public void Trim(OpTime keep)
    {
        lock (_gate)
        {
            foreach (var (path, last) in _full.Where(s => s.Last < keep).ToArray())
            {
                File.Delete(path);
                _full.Remove((path, last));
            }
        }
    }

    private void Write()
    {
        try
        {
            while (true)
            {
                _wake.WaitOne();
                List<OplogEntry> group;
                lock (_gate) (group, _pending) = (_pending, []);
                if (group.Count > 0) WriteGroup(group);
                else if (_stopping) return;
                if (_stopping) _wake.Set();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failed(e);
        }
    }

    private void WriteGroup(List<OplogEntry> group)
    {
        var record = OplogEntry.ToRun(group);
        _segment.Append(record);
        _segment.Flush();
        Interlocked.Add(ref _written, record.Length);
        var last = group[^1].At;
        if (_segment.Length >= SegmentSize) Rotate(last);
        _durable(last);
    }

    private void Rotate(OpTime last)
    {
        var next = RecordFile.Create(PathOf(_folder, ++_number), _cipher);
        AtomicFile.FlushDirectory(_folder);
        lock (_gate) _full.Add((_segment.Path, last));
        _segment.Dispose();
        _segment = next;
    }

    private static string PathOf(string folder, int number) => Path.Combine(folder, $"journal.{number:D8}");

    /// <summary>Everything enqueued is on disk when this returns.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _writer.Join();
        _segment.Dispose();
        _wake.Dispose();
    }
}
