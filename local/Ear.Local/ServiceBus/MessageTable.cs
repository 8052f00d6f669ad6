using Azure.Messaging.ServiceBus;
using Microsoft.Data.Sqlite;

namespace Ear.Local.ServiceBus;

/// <summary>SQL of the broker. Locks are not here: whoever held one died with the process, so after a restart nothing is locked.</summary>
internal static class MessageTable
{
    private const string Columns =
        "sequence, entity, deferred, deliveries, message_id, session_id, enqueued_at, scheduled_at, expires_at, properties, body";

    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS message (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                entity TEXT NOT NULL COLLATE NOCASE,
                deferred INTEGER NOT NULL DEFAULT 0,
                deliveries INTEGER NOT NULL DEFAULT 0,
                message_id TEXT,
                session_id TEXT,
                enqueued_at INTEGER NOT NULL,
                scheduled_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL,
                properties TEXT NOT NULL,
                body BLOB NOT NULL);
            CREATE INDEX IF NOT EXISTS message_by_entity ON message (entity, sequence);
            CREATE TABLE IF NOT EXISTS seen (
                entity TEXT NOT NULL COLLATE NOCASE,
                message_id TEXT NOT NULL,
                at INTEGER NOT NULL,
                PRIMARY KEY (entity, message_id)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS seen_by_age ON seen (at);
            """);
        return connection;
    }

    /// <summary>Beside the broker that has it open.</summary>
    public static SqliteConnection OpenToRead(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>False when the id was seen in the window: the message is a duplicate.</summary>
    public static bool Remember(SqliteConnection connection, string entity, string messageId, long now, TimeSpan window)
    {
        Execute(connection, "DELETE FROM seen WHERE at < $oldest", ("$oldest", now - (long)window.TotalMilliseconds));
        return Execute(connection, "INSERT OR IGNORE INTO seen VALUES ($entity, $id, $at)", ("$entity", entity), ("$id", messageId), ("$at", now)) == 1;
    }

    public static StoredMessage Insert(SqliteConnection connection, string entity, ServiceBusMessage message, string messageId, long now)
    {
        var scheduled = message.ScheduledEnqueueTime == default ? now : Math.Max(now, message.ScheduledEnqueueTime.ToUnixTimeMilliseconds());
        var expires = message.TimeToLive.TotalMilliseconds >= long.MaxValue - scheduled
            ? long.MaxValue
            : scheduled + (long)message.TimeToLive.TotalMilliseconds;
        using var command = Command(
            connection,
            "INSERT INTO message (entity, message_id, session_id, enqueued_at, scheduled_at, expires_at, properties, body) "
            + "VALUES ($entity, $id, $session, $now, $scheduled, $expires, $properties, $body) RETURNING " + Columns,
            ("$entity", entity), ("$id", messageId), ("$session", message.SessionId), ("$now", now), ("$scheduled", scheduled),
            ("$expires", expires), ("$properties", MessageCodec.Write(message)), ("$body", message.Body.ToArray()));
        return ReadAll(command)[0];
    }

    public static IReadOnlyList<StoredMessage> Load(SqliteConnection connection, string entity)
    {
        using var command = Command(
            connection, $"SELECT {Columns.Replace("body", "x''", StringComparison.Ordinal)} FROM message WHERE entity = $entity ORDER BY sequence", ("$entity", entity));
        return ReadAll(command);
    }

    public static IReadOnlyList<StoredMessage> Peek(SqliteConnection connection, string entity, long from, int count)
    {
        using var command = Command(
            connection,
            $"SELECT {Columns} FROM message WHERE entity = $entity AND sequence >= $from ORDER BY sequence LIMIT $count",
            ("$entity", entity), ("$from", from), ("$count", count));
        return ReadAll(command);
    }

    /// <summary>Counts the delivery before anybody sees the message: one that kills the process must run out of deliveries too.</summary>
    public static StoredMessage CountDelivery(SqliteConnection connection, long sequence)
    {
        using var command = Command(
            connection, $"UPDATE message SET deliveries = deliveries + 1 WHERE sequence = $sequence RETURNING {Columns}", ("$sequence", sequence));
        return ReadAll(command) is [var message] ? message : throw new InvalidOperationException($"Message {sequence} is gone.");
    }

    public static void Delete(SqliteConnection connection, long sequence) =>
        Execute(connection, "DELETE FROM message WHERE sequence = $sequence", ("$sequence", sequence));

    public static void Change(SqliteConnection connection, long sequence, string entity, bool deferred, IEnumerable<KeyValuePair<string, object>> properties)
    {
        using var command = Command(connection, $"SELECT {Columns} FROM message WHERE sequence = $sequence", ("$sequence", sequence));
        var message = ReadAll(command)[0];
        Execute(
            connection,
            "UPDATE message SET entity = $entity, deferred = $deferred, properties = $properties WHERE sequence = $sequence",
            ("$entity", entity), ("$deferred", deferred ? 1 : 0), ("$properties", MessageCodec.With(message.Properties, properties)), ("$sequence", sequence));
    }

    private static List<StoredMessage> ReadAll(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        var messages = new List<StoredMessage>();
        while (reader.Read())
            messages.Add(new StoredMessage(
                reader.GetInt64(0),
                reader.GetString(1),
                reader.GetInt64(2) != 0,
                reader.GetInt32(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.GetInt64(6),
                reader.GetInt64(7),
                reader.GetInt64(8),
                reader.GetString(9),
                (byte[])reader[10]));
        return messages;
    }

    private static int Execute(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
