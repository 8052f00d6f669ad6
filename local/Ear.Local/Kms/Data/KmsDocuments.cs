using Microsoft.Data.Sqlite;

namespace Ear.Local.Kms.Data;

/// <summary>
/// Small JSON documents by kind and id in one SQLite file. A change is on the disk when <see cref="Put"/> returns: an answer that
/// a client has seen is never forgotten, even by a killed process.
/// </summary>
internal sealed class KmsDocuments : IDisposable
{
    public const string FileName = "kms.db";

    private readonly Lock gate = new();
    private readonly SqliteConnection connection;

    public KmsDocuments(KmsFolder folder)
    {
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = folder.Path(FileName), Pooling = false }.ToString());
        connection.Open();
        Run("PRAGMA journal_mode=WAL");
        Run("PRAGMA synchronous=FULL");
        Run("CREATE TABLE IF NOT EXISTS document(kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.Path(FileName), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public IReadOnlyList<string> All(string kind)
    {
        lock (gate)
        {
            using var command = Command("SELECT body FROM document WHERE kind = $kind", kind);
            using var reader = command.ExecuteReader();
            var bodies = new List<string>();
            while (reader.Read())
                bodies.Add(reader.GetString(0));
            return bodies;
        }
    }

    public void Put(string kind, string id, string body)
    {
        lock (gate)
        {
            using var command = Command("INSERT OR REPLACE INTO document(kind, id, body) VALUES ($kind, $id, $body)", kind);
            command.Parameters.AddWithValue("$id", id);
            command.Parameters.AddWithValue("$body", body);
            command.ExecuteNonQuery();
        }
    }

    public void Delete(string kind, string id)
    {
        lock (gate)
        {
            using var command = Command("DELETE FROM document WHERE kind = $kind AND id = $id", kind);
            command.Parameters.AddWithValue("$id", id);
            command.ExecuteNonQuery();
        }
    }

    public void Dispose() => connection.Dispose();

    private void Run(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, string kind)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$kind", kind);
        return command;
    }
}
