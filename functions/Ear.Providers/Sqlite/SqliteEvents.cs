using System.Collections.Immutable;
using System.Text.Json;
using Ear.Alerts;
using Ear.Projects;
using Microsoft.Data.Sqlite;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteEvents(StoreFile file) : IEvents
{
    // Reads like the filter: an empty list asks for nothing. Dates are UTC ticks.
    private const string Matching =
        """
        FROM event WHERE project = $0
            AND ($1 IS NULL OR type IN (SELECT value FROM json_each($1)))
            AND ($2 IS NULL OR type NOT IN (SELECT value FROM json_each($2)))
            AND ($3 IS NULL OR cluster IN (SELECT value FROM json_each($3)))
            AND created BETWEEN $4 AND $5
        """;

    internal const string Columns = "document, sequence, hash, previous_hash";

    public async Task<(IReadOnlyList<ChainedEvent> Events, int Total)> ListAsync(ProjectId project, EventFilter filter, int skip, int take, CancellationToken cancellation)
    {
        object?[] values =
        [
            project.Value, AnyOf(filter.EventTypes), AnyOf(filter.ExcludedEventTypes), AnyOf(filter.ClusterNames),
            filter.MinDate?.UtcTicks ?? long.MinValue, filter.MaxDate?.UtcTicks ?? long.MaxValue,
        ];
        return await file.Readers.ReadAtOnceAsync(c => (
            (IReadOnlyList<ChainedEvent>)c.All($"SELECT {Columns} {Matching} ORDER BY sequence DESC LIMIT $6 OFFSET $7", Read, [.. values, take, skip]),
            c.First($"SELECT count(*) {Matching}", r => r.GetInt32(0), values)), cancellation);
    }

    public async Task<ChainedEvent?> FindAsync(ProjectId project, EventId id, CancellationToken cancellation)
        => await file.Readers.ReadAsync(c => c.First($"SELECT {Columns} FROM event WHERE project = $0 AND id = $1", Read, project.Value, id.Value), cancellation);

    internal static ChainedEvent Read(SqliteDataReader row)
        => new(JsonSerializer.Deserialize<ProjectEvent>(row.GetFieldValue<byte[]>(0), EarJson.Options)!, row.GetInt64(1), Hex(row, 2), Hex(row, 3));

    /// <returns>Null: the row holds no event any more.</returns>
    internal static ProjectEvent? TryRead(SqliteDataReader row)
    {
        try
        {
            return Read(row).Event;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string Hex(SqliteDataReader row, int column) => Convert.ToHexStringLower(row.GetFieldValue<byte[]>(column));

    private static string? AnyOf(ImmutableArray<string> values) => values.IsDefaultOrEmpty ? null : JsonSerializer.Serialize(values);
}
