using Ear.Local.Durable.History;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Storage;

/// <summary>One reading connection. Not for two threads at once: <see cref="DurableReaders"/> lends it.</summary>
internal sealed class DurableReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Statement _begin, _end, _byKey, _byId, _history, _messages;

    public DurableReader(string file)
    {
        _connection = Schema.OpenForReading(file);
        _begin = new(_connection, "BEGIN");
        _end = new(_connection, "COMMIT");
        _byKey = new(_connection, $"SELECT {InstanceRow.Columns} FROM instances WHERE key = $1");
        _byId = new(_connection, $"SELECT {InstanceRow.Columns} FROM instances WHERE id = $1");
        _history = new(_connection, "SELECT turn FROM history WHERE instance = $1 ORDER BY position");
        _messages = new(_connection, "SELECT position, execution, message FROM messages WHERE instance = $1 ORDER BY position");
    }

    public InstanceRow? Find(string id)
    {
        using var row = _byId.Query(id);
        return row.Read() ? InstanceRow.Read(row) : null;
    }

    /// <summary>All that is known of an instance, of one moment.</summary>
    public StoredInstance? Load(long key)
    {
        _begin.Run();
        try
        {
            using var row = _byKey.Query(key);
            return row.Read() ? new StoredInstance(InstanceRow.Read(row), History(key), Messages(key)) : null;
        }
        finally
        {
            _end.Run();
        }
    }

    /// <summary>What has to be looked at after a start.</summary>
    public void ReadUnfinished(Action<UnfinishedInstance> found)
    {
        using var statement = new Statement(_connection, """
            SELECT key, status, start_at, wake_at, busy, EXISTS(SELECT 1 FROM messages WHERE instance = instances.key)
            FROM instances WHERE status IN (0, 6, 7)
            """);
        using var row = statement.Query();
        while (row.Read())
        {
            var pending = row.GetInt32(1) == (int)OrchestrationRuntimeStatus.Pending;
            var wake = pending ? 2 : 3;
            var due = row.IsDBNull(wake) ? (long?)null : row.GetInt64(wake);
            found(new(row.GetInt64(0), due, (pending && due is null) || row.GetInt64(4) != 0 || row.GetInt64(5) != 0));
        }
    }

    public List<(long Row, ActivityCall Call)> ReadDetached()
    {
        using var statement = new Statement(_connection, "SELECT key, name, instance_id, execution, step, input FROM detached ORDER BY key");
        using var row = statement.Query();
        var calls = new List<(long, ActivityCall)>();
        while (row.Read())
            calls.Add((row.GetInt64(0), new(row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt32(4), row.IsDBNull(5) ? null : row.GetString(5))));
        return calls;
    }

    /// <summary>Instances after a key, in the order of their creation.</summary>
    public List<InstanceRow> List(InstanceFilter filter, long afterKey, int count)
    {
        using var statement = new Statement(_connection, $"""
            SELECT {InstanceRow.Columns} FROM instances
            WHERE key > $1 AND created >= $2 AND created <= $3 AND ($4 IS NULL OR substr(id, 1, length($4)) = $4)
              AND ($5 IS NULL OR status IN (SELECT value FROM json_each($5)))
            ORDER BY key LIMIT $6
            """);
        using var row = statement.Query(afterKey, filter.CreatedFrom, filter.CreatedTo, filter.Prefix, filter.StatusesAsJson, count);
        var rows = new List<InstanceRow>();
        while (row.Read())
            rows.Add(InstanceRow.Read(row));
        return rows;
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _begin, _end, _byKey, _byId, _history, _messages })
            statement.Dispose();
        _connection.Dispose();
    }

    private List<byte[]> History(long key)
    {
        using var row = _history.Query(key);
        var turns = new List<byte[]>();
        while (row.Read())
            turns.Add(row.GetFieldValue<byte[]>(0));
        return turns;
    }

    private List<Message> Messages(long key)
    {
        using var row = _messages.Query(key);
        var messages = new List<Message>();
        while (row.Read())
        {
            messages.Add(HistoryJson.ReadMessage(row.GetFieldValue<byte[]>(2)) with
            {
                RowId = row.GetInt64(0),
                Execution = row.IsDBNull(1) ? null : row.GetInt64(1),
            });
        }

        return messages;
    }
}

/// <summary>An instance with its history (one <see cref="HistoryTurn"/> each, as written) and the messages that it has not taken.</summary>
internal sealed record StoredInstance(InstanceRow Row, IReadOnlyList<byte[]> History, IReadOnlyList<Message> Messages);

/// <param name="WakeAt">When a timer or the start is due, UTC ticks.</param>
/// <param name="HasWork">Whether it has to be loaded now.</param>
internal sealed record UnfinishedInstance(long Key, long? WakeAt, bool HasWork);

/// <summary>Which instances to list. Times in UTC ticks, both ends included.</summary>
internal sealed record InstanceFilter(long CreatedFrom, long CreatedTo, string? Prefix, IReadOnlyList<OrchestrationRuntimeStatus>? Statuses)
{
    public string? StatusesAsJson => Statuses is null ? null : "[" + string.Join(',', Statuses.Select(status => (int)status)) + "]";
}
