using Ear.Local.Durable.History;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Storage;

/// <summary>The statements of the writer's connection. Only the writer's thread uses it.</summary>
internal sealed class DurableWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly List<Statement> _statements = [];
    private readonly Statement _begin, _commit, _rollback, _find, _insertInstance, _updateInstance, _nextExecution, _deleteInstance;
    private readonly Statement _appendTurn, _deleteHistory, _insertMessage, _deleteMessage, _deleteMessages, _isExecuting;
    private readonly Statement _insertDetached, _deleteDetached, _lastKey, _purgeable, _children;
    private long _lastMessage;
    private long _frontMessage;

    public DurableWriter(string file)
    {
        _connection = Schema.OpenForWriting(file);
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _find = Prepare("SELECT key, status FROM instances WHERE id = $1");
        _insertInstance = Prepare("""
            INSERT INTO instances(id, name, status, execution, created, updated, start_at, busy, input, parent_key, parent_execution, parent_step, parent_id, parent_name)
            VALUES($1, $2, 6, 0, $3, $3, $4, 0, $5, $6, $7, $8, $9, $10)
            """);
        _updateInstance = Prepare(
            "UPDATE instances SET status = $2, updated = $3, wake_at = $4, busy = $5, output = $6, custom_status = $7, failure = $8 WHERE key = $1");
        _nextExecution = Prepare("UPDATE instances SET execution = $2, input = $3 WHERE key = $1");
        _deleteInstance = Prepare("DELETE FROM instances WHERE key = $1");
        _appendTurn = Prepare("INSERT INTO history(instance, turn) VALUES($1, $2)");
        _deleteHistory = Prepare("DELETE FROM history WHERE instance = $1");
        _insertMessage = Prepare("INSERT INTO messages(position, instance, execution, message) VALUES($1, $2, $3, $4)");
        _deleteMessage = Prepare("DELETE FROM messages WHERE position = $1");
        _deleteMessages = Prepare("DELETE FROM messages WHERE instance = $1");
        _isExecuting = Prepare("SELECT 1 FROM instances WHERE key = $1 AND execution = $2 AND status IN (0, 6, 7)");
        _insertDetached = Prepare("INSERT INTO detached(instance_id, execution, step, name, input) VALUES($1, $2, $3, $4, $5)");
        _deleteDetached = Prepare("DELETE FROM detached WHERE key = $1");
        _lastKey = Prepare("SELECT last_insert_rowid()");
        _purgeable = Prepare("SELECT key FROM instances WHERE id = $1 AND status NOT IN (0, 6, 7)");
        _children = Prepare("SELECT id FROM instances WHERE parent_key = $1");
        ReadPositions();
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    public void Rollback() => _rollback.Run();

    public (long Key, OrchestrationRuntimeStatus Status)? Find(string id)
    {
        using var row = _find.Query(id);
        return row.Read() ? (row.GetInt64(0), (OrchestrationRuntimeStatus)row.GetInt32(1)) : null;
    }

    /// <summary>A Pending instance; whoever calls has made sure that the id is free.</summary>
    public long InsertInstance(string id, string name, string? input, long created, long? startAt, ParentStep? parent)
    {
        _insertInstance.Run(id, name, created, startAt, input, parent?.Key, parent?.Execution, parent?.Step, parent?.Id, parent?.Name);
        return LastKey();
    }

    public void UpdateInstance(long key, InstanceState state, long updated) => _updateInstance.Run(
        key, (int)state.Status, updated, state.WakeAt, state.Busy ? 1 : 0, state.Output, state.CustomStatus,
        state.Failure is null ? null : HistoryJson.Write(state.Failure));

    /// <summary>Continues as new: the old history goes.</summary>
    public void NextExecution(long key, long execution, string? input)
    {
        _deleteHistory.Run(key);
        _nextExecution.Run(key, execution, input);
    }

    public void AppendTurn(long key, byte[] turn) => _appendTurn.Run(key, turn);

    /// <summary>Keeps a message until the turn that takes it; behind all that wait already.</summary>
    public long InsertMessage(long key, Message message) => InsertMessage(++_lastMessage, key, message);

    /// <summary>Puts messages before all others, in their order.</summary>
    public void InsertMessagesInFront(long key, IReadOnlyList<Message> messages)
    {
        _frontMessage -= messages.Count;
        for (var index = 0; index < messages.Count; index++)
            messages[index].RowId = InsertMessage(_frontMessage + index, key, messages[index]);
    }

    public void DeleteMessages(long key) => _deleteMessages.Run(key);

    public void DeleteMessage(long position) => _deleteMessage.Run(position);

    public bool IsExecuting(long key, long execution)
    {
        using var row = _isExecuting.Query(key, execution);
        return row.Read();
    }

    public long InsertDetached(ActivityCall call)
    {
        _insertDetached.Run(call.InstanceId, call.Execution, call.TaskId, call.Name, call.Input);
        return LastKey();
    }

    public void DeleteDetached(long key) => _deleteDetached.Run(key);

    /// <summary>Key of a finished instance; null when there is none of that id or it still runs.</summary>
    public long? FindPurgeable(string id)
    {
        using var row = _purgeable.Query(id);
        return row.Read() ? row.GetInt64(0) : null;
    }

    public List<string> Children(long key)
    {
        using var row = _children.Query(key);
        var ids = new List<string>();
        while (row.Read())
            ids.Add(row.GetString(0));
        return ids;
    }

    public void DeleteInstance(long key)
    {
        _deleteInstance.Run(key);
        _deleteHistory.Run(key);
        _deleteMessages.Run(key);
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _connection.Dispose();
    }

    private long InsertMessage(long position, long key, Message message)
    {
        _insertMessage.Run(position, key, message.Execution, HistoryJson.Write(message));
        return position;
    }

    private long LastKey()
    {
        using var row = _lastKey.Query();
        row.Read();
        return row.GetInt64(0);
    }

    private void ReadPositions()
    {
        using var statement = new Statement(_connection, "SELECT max(0, coalesce(max(position), 0)), min(0, coalesce(min(position), 0)) FROM messages");
        using var row = statement.Query();
        row.Read();
        (_lastMessage, _frontMessage) = (row.GetInt64(0), row.GetInt64(1));
    }

    private Statement Prepare(string sql)
    {
        var statement = new Statement(_connection, sql);
        _statements.Add(statement);
        return statement;
    }
}
