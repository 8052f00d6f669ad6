using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Storage;

/// <summary>
/// The only writer of the file: one thread that takes everything that waits, applies it in one transaction, syncs once, and tells everybody.
/// While it syncs, the next group gathers; so the cost of a sync is shared by all who are there, and a lone one waits for nobody.
/// </summary>
internal sealed class GroupCommit : IDisposable
{
    /// <summary>Intents in one transaction: bounds how long a reader of its results waits.</summary>
    private const int LargestGroup = 1024;

    private readonly DurableWriter _writer;
    private readonly Action<CommitPoint>? _hook;
    private readonly Action<Exception> _died;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly List<WriteIntent> _group = [];
    private Queue<WriteIntent> _waiting = [];
    private Exception? _closed;
    private bool _stopping;
    private int _commits;

    /// <param name="died">Told on the writer's thread when it can write no more.</param>
    public GroupCommit(DurableWriter writer, Action<CommitPoint>? hook, Action<Exception> died, ILogger logger)
    {
        _died = died;
        _writer = writer;
        _hook = hook;
        _logger = logger;
        _thread = new Thread(Loop) { IsBackground = true, Name = "durable-writer" };
        _thread.Start();
    }

    public void Enqueue(WriteIntent intent)
    {
        Exception? closed;
        lock (_gate)
        {
            closed = _closed;
            if (closed is null)
            {
                _waiting.Enqueue(intent);
                Monitor.Pulse(_gate);
            }
        }

        if (closed is not null)
            intent.Failed(closed);
    }

    /// <summary>Writes what waits, then stops.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _writer.Dispose();
    }

    private void Loop()
    {
        while (Take())
        {
            try
            {
                CommitGroup();
            }
            catch (Exception exception)
            {
                // Only the crash hook and a broken rule of WriteIntent end here: nothing may be written after it.
                Log.WriterDied(_logger, exception);
                _died(exception);
                Close(exception);
                return;
            }

            _group.Clear();
        }

        Close(new ObjectDisposedException(nameof(DurableEngine), "The durable engine has stopped."));
    }

    private bool Take()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_stopping)
                Monitor.Wait(_gate);
            while (_group.Count < LargestGroup && _waiting.TryDequeue(out var intent))
                _group.Add(intent);
            return _group.Count > 0;
        }
    }

    private void CommitGroup()
    {
        try
        {
            Commit(_group);
        }
        catch (SqliteException exception) when (_group.Count > 1)
        {
            Log.GroupRolledBack(_logger, exception, _group.Count);
            foreach (var intent in _group)
                CommitAlone(intent);
            return;
        }
        catch (SqliteException exception)
        {
            Log.WriteFailed(_logger, exception, _group[0].GetType().Name);
            _group[0].Failed(exception);
            return;
        }

        foreach (var intent in _group)
            intent.Committed();
    }

    /// <summary>One bad intent must not take its neighbours with it.</summary>
    private void CommitAlone(WriteIntent intent)
    {
        try
        {
            Commit([intent]);
        }
        catch (SqliteException exception)
        {
            Log.WriteFailed(_logger, exception, intent.GetType().Name);
            intent.Failed(exception);
            return;
        }

        intent.Committed();
    }

    private void Commit(List<WriteIntent> intents)
    {
        _writer.Begin();
        try
        {
            foreach (var intent in intents)
                intent.Apply(_writer);
            _hook?.Invoke(new CommitPoint(++_commits, Done: false));
            _writer.Commit();
        }
        catch
        {
            _writer.Rollback();
            throw;
        }

        _hook?.Invoke(new CommitPoint(_commits, Done: true));
    }

    private void Close(Exception reason)
    {
        Queue<WriteIntent> left;
        lock (_gate)
        {
            _closed = reason;
            left = _waiting;
            _waiting = [];
        }

        foreach (var intent in _group)
            intent.Failed(reason);
        foreach (var intent in left)
            intent.Failed(reason);
    }
}
