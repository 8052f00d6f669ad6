using Microsoft.Data.Sqlite;

namespace Ear.Benchmarks.Durable;

/// <summary>
/// The least that a durable step can cost here: one thread that takes what waits, writes for each one row of a turn's size and updates one row of an
/// instance's size, commits (WAL, synchronous=FULL as the engine does) and tells everybody. No orchestrator, no serialisation, no activity.
/// </summary>
internal sealed class BareWriter : IDisposable
{
    private static readonly byte[] Turn = new byte[120];
    private static readonly string Text = new('x', 60);

    private readonly object _gate = new();
    private readonly SqliteConnection _connection;
    private readonly Thread _thread;
    private List<TaskCompletionSource> _waiting = [];
    private bool _stopping;

    public BareWriter(string file)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=False");
        _connection.Open();
        Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-16000;");
        Run("CREATE TABLE history(position INTEGER PRIMARY KEY, instance INTEGER NOT NULL, turn BLOB NOT NULL); CREATE INDEX history_instance ON history(instance);");
        Run("CREATE TABLE instances(key INTEGER PRIMARY KEY, updated INTEGER, state TEXT)");
        Run($"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO instances SELECT i, 0, '{Text}' FROM n");
        _thread = new Thread(Loop) { IsBackground = true };
        _thread.Start();
    }

    public Task WriteAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add(done);
            Monitor.Pulse(_gate);
        }

        return done.Task;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _connection.Dispose();
    }

    private void Loop()
    {
        using var begin = Prepare("BEGIN IMMEDIATE");
        using var commit = Prepare("COMMIT");
        using var insert = Prepare("INSERT INTO history(instance, turn) VALUES($1, $2)", 2);
        using var update = Prepare("UPDATE instances SET updated = $2, state = $3 WHERE key = $1", 3);
        for (var number = 0L; Take() is { Count: > 0 } group;)
        {
            begin.ExecuteNonQuery();
            foreach (var _ in group)
            {
                var key = (++number % 1000) + 1;
                (insert.Parameters[0].Value, insert.Parameters[1].Value) = (key, Turn);
                insert.ExecuteNonQuery();
                (update.Parameters[0].Value, update.Parameters[1].Value, update.Parameters[2].Value) = (key, number, Text);
                update.ExecuteNonQuery();
            }

            commit.ExecuteNonQuery();
            foreach (var done in group)
                done.SetResult();
        }
    }

    private List<TaskCompletionSource> Take()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_stopping)
                Monitor.Wait(_gate);
            var group = _waiting;
            _waiting = [];
            return group;
        }
    }

    private SqliteCommand Prepare(string sql, int parameters = 0)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var number = 1; number <= parameters; number++)
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + number, Value = number == parameters && sql.Contains("turn", StringComparison.Ordinal) ? Turn : 0L });
        command.Prepare();
        return command;
    }

    private void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
