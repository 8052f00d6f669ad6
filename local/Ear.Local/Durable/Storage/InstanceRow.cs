using Ear.Local.Durable.History;
using Ear.Local.Durable.Orchestrations;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Storage;

/// <summary>The step of a parent's execution that waits for a sub-orchestration.</summary>
internal sealed record ParentStep(long Key, long Execution, int Step, string Id, string Name);

/// <summary>One instance as stored. All times in UTC ticks; input, output and custom status are JSON.</summary>
/// <param name="Key">Never used again for another instance; an instance that replaces a finished one of the same id has a new one.</param>
/// <param name="WakeAt">When the first open timer is due.</param>
internal sealed record InstanceRow(
    long Key, string Id, string Name, OrchestrationRuntimeStatus Status, long Execution, long Created, long Updated,
    long? StartAt, long? WakeAt, string? Input, string? Output, string? CustomStatus, TaskFailureDetails? Failure, ParentStep? Parent)
{
    public const string Columns =
        "key, id, name, status, execution, created, updated, start_at, wake_at, input, output, custom_status, failure, parent_key, parent_execution, parent_step, parent_id, parent_name";

    public InstanceIdentity Identity => new(
        Id, Name, Created, Execution, Parent is null ? null : new ParentOrchestrationInstance(Parent.Name, Parent.Id));

    public bool IsFinished => IsEnd(Status);

    public static bool IsEnd(OrchestrationRuntimeStatus status) => status is OrchestrationRuntimeStatus.Completed
        or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated;

    public static InstanceRow Read(SqliteDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), (OrchestrationRuntimeStatus)row.GetInt32(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6),
        row.IsDBNull(7) ? null : row.GetInt64(7), row.IsDBNull(8) ? null : row.GetInt64(8), Text(row, 9), Text(row, 10), Text(row, 11),
        Text(row, 12) is { } failure ? HistoryJson.ReadFailure(failure) : null,
        row.IsDBNull(13) ? null : new(row.GetInt64(13), row.GetInt64(14), row.GetInt32(15), row.GetString(16), row.GetString(17)));

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
