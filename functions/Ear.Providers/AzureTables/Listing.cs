using Azure.Data.Tables;
using Ear.Nodes;

namespace Ear.Providers.AzureTables;

/// <summary>
/// A row of the index, which finds something in a partition of the documents. Written before the write that makes it true, and never believed: whoever
/// follows it looks whether it is true. ADR 0007 says why a row that is needed is always there.
/// </summary>
/// <param name="Shelf">Its partition in the index: what it is good for.</param>
/// <param name="Owner">The partition of the documents that it leads to.</param>
/// <param name="Target">The row there.</param>
internal sealed record Listing(string Shelf, string Row, string Owner, string Target)
{
    private const string OwnerProperty = "Owner";
    private const string TargetProperty = "Target";

    /// <summary>One document at a time may have it: a name.</summary>
    public bool IsExclusive => Shelf.StartsWith(Shelves.Names, StringComparison.Ordinal);

    public TableEntity AsRow() => new(Shelf, Row) { [OwnerProperty] = Owner, [TargetProperty] = Target };

    public static Listing Of(TableEntity row) => new(row.PartitionKey, row.RowKey, row.GetString(OwnerProperty), row.GetString(TargetProperty));
}

/// <summary>The shelves of the index.</summary>
internal static class Shelves
{
    /// <summary>All projects, by id.</summary>
    public const string Projects = "project";

    /// <summary>Partitions with something to announce, by their names.</summary>
    public const string Outbox = "outbox";

    public const string UnfinishedClusters = "unfinished-cluster";

    public const string UnfinishedEndpoints = "unfinished-endpoint";

    public const string OpenAlerts = "open-alert";

    /// <summary>Nodes for which the operator of the machines has this to do.</summary>
    public static string MachineTasks(MachineTask task) => task switch
    {
        MachineTask.Provide => "awaited-node",
        MachineTask.Destroy => "released-node",
        _ => throw new ArgumentOutOfRangeException(nameof(task), task, "Nothing is to be done there."),
    };

    public const string Names = "name:";

    /// <summary>What is known of copies of the state: no rows that lead to documents.</summary>
    public const string Copies = "copy";

    /// <summary>A restore that is under way: nobody may begin to work with a store that has such rows.</summary>
    public const string Restore = "restore";

    /// <summary>About the tables themselves (<see cref="Layout"/>).</summary>
    public const string Meta = "meta";

    public static string NamesIn(string organisation) => $"{Names}{organisation}";

    /// <summary>Credentials of a kind with a role in a project, by their public parts.</summary>
    public static string Members(string kind, string project) => $"member:{kind}:{project}";
}
