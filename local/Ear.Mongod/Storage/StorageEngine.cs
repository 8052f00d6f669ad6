using Ear.Mongod.Encryption;
using Ear.Mongod.Logging;

namespace Ear.Mongod.Storage;

/// <summary>Data and history of one node. <see cref="Gate"/> guards everything in memory, the replica set's state included: a role and a write are decided together.</summary>
internal sealed class StorageEngine : IDisposable
{
    private const long CheckpointEvery = 32 << 20;
    private readonly string _dbPath;
    private readonly IRecordCipher _journalCipher;
    private readonly TimeProvider _time;
    private readonly ServerLog _log;
    private readonly Action<Exception> _failed;
    private readonly Checkpoint _checkpoint;
    private readonly SemaphoreSlim _oneCheckpoint = new(1, 1);
    private Journal _journal;
    private long _checkpointedBytes;

    public StorageEngine(string dbPath, Keystore? keystore, long oplogBytes, TimeProvider time, ServerLog log, Action<Exception> failed)
    {
        (_dbPath, _time, _log, _failed) = (dbPath, time, log, failed);
        var plain = new PlainRecords();
        Func<string, IRecordCipher> cipherOf = keystore is null ? _ => plain : keystore.For;
        _journalCipher = cipherOf(Keystore.DefaultKey);
        _checkpoint = new Checkpoint(dbPath, cipherOf);
        Oplog = new Oplog(time, oplogBytes);
        _checkpoint.Load(Catalog);
        _journal = OpenJournal(Recover);
        Durable = Oplog.Last;
    }

    public Lock Gate { get; } = new();

    public Catalog Catalog { get; private set; } = new();

    public Oplog Oplog { get; private set; }

    public OpTime LastApplied => Oplog.Last;

    /// <summary>All history up to here survives a crash of this node.</summary>
    public OpTime Durable { get; private set; }

    /// <summary>Called with <see cref="Gate"/> held.</summary>
    public Action? DurableMoved { get; set; }

    /// <summary>A write was applied.</summary>
    public Signal Applied { get; } = new();

    /// <summary>History became durable here, or a follower said so, or the commit point moved, or the role changed.</summary>
    public Signal Progress { get; } = new();

    /// <summary>Called with <see cref="Gate"/> held.</summary>
    public OpTime Append(OplogEntry entry)
    {
        Catalog.Apply(entry);
        Oplog.Add(entry);
        _journal.Enqueue(entry);
        Applied.Pulse();
        return entry.At;
    }

    /// <summary>The next place in the history. Called with <see cref="Gate"/> held.</summary>
    public OpTime NextOpTime(long term)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds() << 32;
        return new OpTime(term, Math.Max(now | 1, LastApplied.Ts + 1));
    }

    public Task<bool> WaitDurableAsync(OpTime place, TimeSpan? limit, CancellationToken ct) =>
        Progress.UntilAsync(() => { lock (Gate) return Durable >= place; }, limit, _time, ct);

    /// <summary>Writes the data as it is now and forgets history that nobody needs.</summary>
    public async Task CheckpointAsync(CancellationToken ct)
    {
        await _oneCheckpoint.WaitAsync(ct);
        try
        {
            OpTime at;
            IReadOnlyList<Checkpoint.DatabaseImage> images;
            lock (Gate)
            {
                at = LastApplied;
                if (at == _checkpoint.At) return;
                images = Checkpoint.Capture(Catalog);
            }
            // Without this a crash could leave data that is newer than the history, and followers would miss the difference.
            await WaitDurableAsync(at, null, ct);
            _checkpointedBytes = _journal.Written;
            _checkpoint.Write(at, images);
            OpTime keep;
            lock (Gate) keep = Oplog.First < at ? Oplog.First : at;
            _journal.Trim(keep);
        }
        finally
        {
            _oneCheckpoint.Release();
        }
    }

    /// <summary>Owned by the process: a checkpoint whenever enough history has piled up.</summary>
    public async Task KeepCheckpointedAsync(CancellationToken ct)
    {
        while (true)
        {
            await Progress.UntilAsync(() => _journal.Written - _checkpointedBytes >= CheckpointEvery, null, _time, ct);
            await CheckpointAsync(ct);
            _log.Info("STORAGE", 22430, "Checkpoint written", ("optime", _checkpoint.At.ToString()));
        }
    }

    /// <summary>Throws data and history away. The caller has made it durable that this node needs an initial sync.</summary>
    public async Task ClearAsync(CancellationToken ct)
    {
        await _oneCheckpoint.WaitAsync(ct);
        try
        {
            lock (Gate)
            {
                Catalog = new Catalog();
                Oplog = Fresh();
                Durable = OpTime.None;
            }
            _journal.Dispose();
            _checkpoint.Clear();
            Directory.Delete(Path.Combine(_dbPath, "journal"), recursive: true);
            _journal = OpenJournal(_ => throw new InvalidOperationException("The journal was just removed"));
            lock (Gate) Durable = OpTime.None;
            _checkpointedBytes = 0;
        }
        finally
        {
            _oneCheckpoint.Release();
        }
    }

    /// <summary>Takes over the result of an initial sync; returns when all of it is on disk.</summary>
    public async Task InstallAsync(Catalog catalog, IReadOnlyList<OplogEntry> history, CancellationToken ct)
    {
        lock (Gate)
        {
            Catalog = catalog;
            Oplog = Fresh();
            foreach (var entry in history)
            {
                Oplog.Add(entry);
                _journal.Enqueue(entry);
            }
        }
        await CheckpointAsync(ct);
    }

    private Oplog Fresh() => new(_time, Oplog.MaxBytes) { MinRetention = Oplog.MinRetention };

    private Journal OpenJournal(Action<OplogEntry> recovered) =>
        Journal.Open(Path.Combine(_dbPath, "journal"), _journalCipher, recovered, BecameDurable, _failed);

    private void Recover(OplogEntry entry)
    {
        Oplog.Add(entry);
        if (entry.At > _checkpoint.At) Catalog.Apply(entry);
    }

    private void BecameDurable(OpTime place)
    {
        lock (Gate)
        {
            Durable = OpTime.Max(Durable, place);
            DurableMoved?.Invoke();
        }
        Progress.Pulse();
    }

    /// <summary>A clean end: all history is on disk.</summary>
    public void Dispose()
    {
        _journal.Dispose();
        _oneCheckpoint.Dispose();
    }
}
