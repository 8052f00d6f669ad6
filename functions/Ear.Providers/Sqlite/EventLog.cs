using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

/// <summary>Appends events to a project's chain and to the outbox, inside the save that they belong to.</summary>
internal static class EventLog
{
    internal sealed record Prepared(ProjectEvent Event, byte[] Bytes);

    /// <exception cref="ArgumentException">An event of another project: it could not be one atomic write in that project's partition.</exception>
    public static Prepared[] Prepare(ProjectId project, IReadOnlyList<ProjectEvent> events)
        => [.. events.Select(e => e.ProjectId == project
            ? new Prepared(e, EventChain.CanonicalBytes(e))
            : throw new ArgumentException($"Event {e.Type} belongs to project {e.ProjectId}, the document to {project}; save them apart.", nameof(events)))];

    /// <summary>An event whose id the project already has is told twice, and told once.</summary>
    public static void Append(StoreConnection connection, ProjectId project, Prepared[] events)
    {
        if (events.Length == 0)
            return;
        var (sequence, hash) = Head(connection, project) ?? (0, EventChain.Genesis);
        foreach (var (e, bytes) in events)
        {
            var next = EventChain.Hash(hash, bytes);
            var added = connection.Execute(
                """
                INSERT INTO event (project, sequence, id, type, cluster, created, previous_hash, hash, document)
                VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (project, id) DO NOTHING
                """,
                project.Value, sequence + 1, e.Id.Value, e.Type, e.ClusterName, e.Created.UtcTicks, Convert.FromHexString(hash), Convert.FromHexString(next), bytes);
            if (added == 0)
                continue;
            (sequence, hash) = (sequence + 1, next);
            connection.Execute("INSERT INTO outbox (project, sequence) VALUES ($0, $1)", project.Value, sequence);
        }
        connection.Execute(
            "INSERT INTO chain (project, sequence, hash) VALUES ($0, $1, $2) ON CONFLICT (project) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
            project.Value, sequence, Convert.FromHexString(hash));
    }

    /// <summary>The last event of a project's chain, as the store remembers it; null before the first.</summary>
    public static (long Sequence, string Hash)? Head(StoreConnection connection, ProjectId project)
        => connection.First("SELECT sequence, hash FROM chain WHERE project = $0", r => ((long, string)?)(r.GetInt64(0), SqliteEvents.Hex(r, 1)), project.Value);
}
