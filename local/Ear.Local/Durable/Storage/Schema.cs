using Microsoft.Data.Sqlite;

namespace Ear.Local.Durable.Storage;

/// <summary>
/// One file in WAL. An execution's history is one row a turn; what is told from outside waits in <c>messages</c> until the turn that takes it is committed.
/// Open activities and timers are not stored again: the history says which are open, <c>busy</c> and <c>wake_at</c> say where to look after a restart.
/// </summary>
internal static class Schema
{
    private const int Version = 1;

    private const string Tables = """
        CREATE TABLE instances(
          key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, status INTEGER NOT NULL, execution INTEGER NOT NULL,
          created INTEGER NOT NULL, updated INTEGER NOT NULL, start_at INTEGER, wake_at INTEGER, busy INTEGER NOT NULL,
          input TEXT, output TEXT, custom_status TEXT, failure TEXT,
          parent_key INTEGER, parent_execution INTEGER, parent_step INTEGER, parent_id TEXT, parent_name TEXT) STRICT;
        CREATE INDEX instances_live ON instances(status) WHERE status IN (0, 6, 7);
        CREATE INDEX instances_children ON instances(parent_key) WHERE parent_key IS NOT NULL;
        CREATE TABLE history(position INTEGER PRIMARY KEY, instance INTEGER NOT NULL, turn BLOB NOT NULL) STRICT;
        CREATE INDEX history_instance ON history(instance);
        CREATE TABLE messages(position INTEGER PRIMARY KEY, instance INTEGER NOT NULL, execution INTEGER, message BLOB NOT NULL) STRICT;
        CREATE INDEX messages_instance ON messages(instance);
        CREATE TABLE detached(
          key INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution INTEGER NOT NULL, step INTEGER NOT NULL, name TEXT NOT NULL, input TEXT) STRICT;
        """;

    public static SqliteConnection OpenForWriting(string file)
    {
        var connection = Open(file, SqliteOpenMode.ReadWriteCreate);
        try
        {
            Run(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;");
            Create(connection, file);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenForReading(string file) => Open(file, SqliteOpenMode.ReadOnly);

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        Run(connection, "PRAGMA busy_timeout=10000;");
        return connection;
    }

    private static void Create(SqliteConnection connection, string file)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var version = (long)command.ExecuteScalar()!;
        if (version == 0)
            Run(connection, $"BEGIN IMMEDIATE; {Tables} PRAGMA user_version={Version}; COMMIT;");
        else if (version != Version)
            throw new InvalidOperationException(
                $"'{file}' was written by another version of the durable engine (format {version}, this one reads {Version}): start that version, or use another data folder.");
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
