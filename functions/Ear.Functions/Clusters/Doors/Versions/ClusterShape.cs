using System.Text.Json.Nodes;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;

namespace Ear.Functions.Clusters.Doors.Versions;

/// <summary>
/// How one version of the API says what a cluster is. Ear knows the newest shape only; each older one is a pure mapping to it and
/// from it, and what it can say survives both ways.
/// </summary>
internal abstract class ClusterShape
{
    /// <summary>Say something only in the newest shape; their values are the defaults in any cluster that runs here.</summary>
    protected static readonly string[] OnlyNewest =
        ["adaptiveCapacity", "effectiveReplicationSpecs", "internalClusterRole", "redactClientLogData", "retainBackups", "useAwsTimeBasedSnapshotCopyForFastInitialSync"];

    private static readonly DateOnly Advanced = new(2023, 2, 1);
    private static readonly DateOnly Newest = new(2024, 8, 5);

    public static ClusterShape Of(MediaVersion version)
        => version.Date < Advanced ? new LegacyShape() : version.Date < Newest ? new AdvancedShape() : new NewestShape();

    /// <param name="described">The cluster's description until now, newest shape; null for a new cluster. What the body says about the cluster as a whole is said about each part of it.</param>
    public abstract Outcome<JsonObject> ToNewest(JsonObject body, JsonObject? described);

    /// <param name="newest">A whole answer. Not changed.</param>
    public abstract JsonObject FromNewest(JsonObject newest);

    protected static JsonObject Without(JsonObject from, IEnumerable<string> names)
    {
        var copy = from.DeepClone().AsObject();
        foreach (var name in names)
            copy.Remove(name);
        return copy;
    }

    private sealed class NewestShape : ClusterShape
    {
        public override Outcome<JsonObject> ToNewest(JsonObject body, JsonObject? described) => body;

        public override JsonObject FromNewest(JsonObject newest) => newest;
    }
}
