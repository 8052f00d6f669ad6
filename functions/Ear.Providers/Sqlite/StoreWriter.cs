using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.Sqlite;

/// <summary>Where a save can be interrupted; the contract suite crashes at each.</summary>
internal enum SavePoint
{
    BeforeEvents,
    BeforeCommit,
    AfterCommit,
}

/// <summary>
/// The one writer: a thread that takes all saves that wait, carries them out in one transaction, and commits once (group commit).
/// Each save is a savepoint: a failing one leaves the others alone. A caller is answered only after the commit is on disk
/// (synchronous=FULL). If we die before the commit, nobody was answered and nothing is kept; after it, all is kept.
/// </summary>
internal sealed class StoreWriter : IDisposable
{
    // How long a stop waits for the saves that were taken: far more than a full queue needs.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    private readonly Channel<Save> _queue;
    private readonly StoreConnection _connection;
    private readonly string _path;
    private readonly int _maxBatch;
    private readonly Action<SavePoint>? _fault;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private bool _failing;

    public StoreWriter(StoreConnection connection, SqliteStoreOptions options, ILogger logger, Action<SavePoint>? fault)
    {
        _connection = connection;
        _path = options.Path;
        _maxBatch = options.MaxBatch;
        _fault = fault;
        _logger = logger;
        _queue = Channel.CreateBounded<Save>(new BoundedChannelOptions(options.QueueCapacity) { SingleReader = true });
        _thread = new Thread(Run) { Name = "ear-store-writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>For the bodies of saves: tells where they are.</summary>
    public void Reached(SavePoint point) => _fault?.Invoke(point);

    /// <param name="save">Runs on the writer's thread, in a transaction; throwing undoes it.</param>
    /// <param name="settled">Runs after the commit and before the answer, and also when the commit failed: what is cached of this is no longer sure.</param>
    /// <param name="cancellation">Takes the save back while it waits; once begun it is carried through and the answer is the truth.</param>
    public async Task<T> WriteAsync<T>(Func<StoreConnection, T> save, CancellationToken cancellation, Action? settled = null)
    {
        var waiting = new Save<T>(save, settled, cancellation);
        try
        {
            await _queue.Writer.WriteAsync(waiting, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(StoreWriter), "The store is closed: Ear is stopping.");
        }
        return await waiting.Answer;
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        if (_thread.Join(DrainTime))
            _connection.Dispose();
    }

    private void Run()
    {
        var batch = new List<Save>(_maxBatch);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < _maxBatch && _queue.Reader.TryRead(out var save))
            {
                if (!save.TakenBack())
                    batch.Add(save);
            }
            if (batch.Count > 0)
                Commit(batch);
        }
    }

    private void Commit(List<Save> batch)
    {
        Exception? lost = null;
        try
        {
            _connection.Execute("BEGIN IMMEDIATE");
            foreach (var save in batch)
                CarryOut(save);
            Reached(SavePoint.BeforeCommit);
            _connection.Execute("COMMIT");
            if (_failing)
                _logger.StoreWritesAgain(_path);
            _failing = false;
            Reached(SavePoint.AfterCommit);
        }
        catch (Exception e)
        {
            // Every caller of the batch is told; none of them is left waiting, and the writer lives on for the next batch.
            lost = e is SqliteException sqlite ? SqliteFault.Tell(sqlite, _path) : e;
            Undo();
            if (!_failing && e is SqliteException)
            {
                _failing = true;
                _logger.StoreCannotWrite(lost, _path);
            }
        }
        foreach (var save in batch)
            save.Settle(lost);
    }

    private void CarryOut(Save save)
    {
        _connection.Execute("SAVEPOINT save");
        try
        {
            save.Run(_connection);
        }
        catch (Exception e) when (_connection.InTransaction)
        {
            // Where SQLite itself rolled the whole transaction back (disk full, I/O error) the batch fails as a whole instead.
            save.Fail(e is SqliteException sqlite ? SqliteFault.Tell(sqlite, _path) : e);
            _connection.Execute("ROLLBACK TO save");
        }
        _connection.Execute("RELEASE save");
    }

    private void Undo()
    {
        try
        {
            if (_connection.InTransaction)
                _connection.Execute("ROLLBACK");
        }
        catch (SqliteException e)
        {
            _logger.StoreCannotWrite(SqliteFault.Tell(e, _path), _path);
        }
    }

    private abstract class Save
    {
        public abstract bool TakenBack();

        public abstract void Run(StoreConnection connection);

        public abstract void Fail(Exception e);

        public abstract void Settle(Exception? lost);
    }

    private sealed class Save<T>(Func<StoreConnection, T> body, Action? settled, CancellationToken cancellation) : Save
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;
        private Exception? _failure;

        public Task<T> Answer => _answer.Task;

        public override bool TakenBack() => cancellation.IsCancellationRequested && _answer.TrySetCanceled(cancellation);

        public override void Run(StoreConnection connection) => _result = body(connection);

        public override void Fail(Exception e) => _failure = e;

        public override void Settle(Exception? lost)
        {
            settled?.Invoke();
            if ((_failure ?? lost) is { } failure)
                _answer.SetException(failure);
            else
                _answer.SetResult(_result);
        }
    }
}
