using System.Text.Json;
using Ear.Alerts;
using Ear.Projects;
using Microsoft.Data.Sqlite;

namespace Ear.Providers.Sqlite;

/// <param name="Value">Computed from the document at each save.</param>
internal sealed record Column<T>(string Name, Func<T, object?> Value);

/// <summary>
/// A table of versioned documents. A save that finds another version, or whose unique column is taken, changes no row and so
/// conflicts; document and events are one save of the writer.
/// </summary>
internal sealed class DocumentTable<T>
    where T : class
{
    private readonly StoreFile _file;
    private readonly Func<T, ProjectId> _project;
    private readonly Column<T>[] _columns;
    private readonly string _insert;
    private readonly string _update;
    private readonly string _delete;

    /// <param name="identity">Columns that never change: key columns, and what tells a re-created document from its predecessor.</param>
    /// <param name="indexed">Columns that follow the document.</param>
    public DocumentTable(StoreFile file, string name, Func<T, ProjectId> project, Column<T>[] identity, Column<T>[] indexed)
    {
        _file = file;
        _project = project;
        _columns = [.. identity, .. indexed];
        var document = _columns.Length;
        var expected = document + 1;
        var sameVersion = string.Join(" AND ", identity.Select((c, i) => $"{c.Name} = ${i}").Append($"version = ${expected}"));
        var settings = indexed.Select((c, i) => $"{c.Name} = ${identity.Length + i}").Append($"document = ${document}").Append($"version = ${expected} + 1");
        _insert = $"INSERT INTO {name} ({string.Join(", ", _columns.Select(c => c.Name))}, document, version) "
            + $"VALUES ({string.Join(", ", _columns.Select((_, i) => $"${i}"))}, ${document}, ${expected} + 1) ON CONFLICT DO NOTHING";
        _update = $"UPDATE OR IGNORE {name} SET {string.Join(", ", settings)} WHERE {sameVersion}";
        _delete = $"DELETE FROM {name} WHERE {sameVersion}";
    }

    /// <summary>Reads from columns 0 (document) and 1 (version). The document is parsed where SQLite holds it, without a copy; it stays there until the row is left.</summary>
    public static Stored<T> Read(SqliteDataReader row) => new(JsonSerializer.Deserialize<T>(SQLitePCL.raw.sqlite3_column_blob(row.Handle!, 0), EarJson.Options)!, row.GetInt64(1));

    public async Task<Stored<T>?> FindAsync(string sql, CancellationToken cancellation, params object?[] values)
        => await _file.Readers.ReadAsync(c => c.First(sql, Read, values), cancellation);

    public async Task<IReadOnlyList<Stored<T>>> ListAsync(string sql, CancellationToken cancellation, params object?[] values)
        => await _file.Readers.ReadAsync(c => c.All(sql, Read, values), cancellation);

    public Task<SaveResult> SaveAsync(T document, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation, Action? settled = null)
        => WriteAsync(expectedVersion == 0 ? _insert : _update, document, expectedVersion, announce, SaveResult.As(expectedVersion + 1), settled, cancellation);

    public Task<SaveResult> DeleteAsync(T document, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation, Action? settled = null)
        => WriteAsync(_delete, document, expectedVersion, announce, SaveResult.As(expectedVersion), settled, cancellation);

    // Everything that needs no transaction happens here, on the caller's thread: the writer only writes.
    private Task<SaveResult> WriteAsync(
        string sql, T document, long expectedVersion, IReadOnlyList<ProjectEvent> announce, SaveResult success, Action? settled, CancellationToken cancellation)
    {
        var project = _project(document);
        var events = EventLog.Prepare(project, announce);
        object?[] values = [.. _columns.Select(c => c.Value(document)), JsonSerializer.SerializeToUtf8Bytes(document, EarJson.Options), expectedVersion];
        return _file.Writer.WriteAsync(connection =>
        {
            if (connection.Execute(sql, values) == 0)
                return SaveResult.Conflict;
            _file.Writer.Reached(SavePoint.BeforeEvents);
            EventLog.Append(connection, project, events);
            return success;
        }, cancellation, settled);
    }
}
