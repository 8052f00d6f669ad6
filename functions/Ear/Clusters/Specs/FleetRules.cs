using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Outcomes;

namespace Ear.Clusters.Specs;

/// <summary>
/// The one decision about what this fleet runs: replica sets of 3, 5 or 7 electable nodes, in one region or spread over several.
/// A region is a name that is echoed and an order of election; where a machine stands is decided by whoever enrols it. Disks belong
/// to the machines too, and grow as their operators let them: their description is kept and echoed, scaling of disks included.
/// </summary>
internal static class FleetRules
{
    /// <param name="described">A whole description, valid in itself.</param>
    public static Problem? Refused(JsonObject described)
    {
        if (described["clusterType"]!.GetValue<string>() is not "REPLICASET" and var type)
            return new Problem.NotRunHere("clusterType", $"A {type} cluster (only REPLICASET is)");
        var regions = described["replicationSpecs"]![0]!["regionConfigs"]!.AsArray();
        return regions.Select((region, i) => Region(region!.AsObject(), $"replicationSpecs[0].regionConfigs[{i}]")).FirstOrDefault(p => p is not null);
    }

    /// <summary>Members are not moved from one place in the order of election to another; more of them come last, and the last go first.</summary>
    public static Problem? Refused(ClusterSpec before, ClusterSpec after)
        => Enumerable.Range(0, Math.Min(before.ElectableNodes, after.ElectableNodes)).Any(i => before.PriorityOf(i) != after.PriorityOf(i))
            ? new Problem.NotRunHere("replicationSpecs[0].regionConfigs", "Moving a member to a region of another priority (add and remove nodes in the region of the lowest priority)")
            : null;

    private static Problem? Region(JsonObject region, string path)
    {
        foreach (var kind in new[] { "readOnlySpecs", "analyticsSpecs" })
        {
            if (region[kind]!["nodeCount"]!.Whole() > 0)
                return new Problem.NotRunHere($"{path}.{kind}.nodeCount", "A node that is not electable");
        }
        foreach (var kind in new[] { "autoScaling", "analyticsAutoScaling" })
        {
            if (IsOn(region[kind]?["compute"]))
                return new Problem.NotRunHere($"{path}.{kind}.compute.enabled", "Automatic scaling of the instance size");
        }
        return null;
    }

    private static bool IsOn(JsonNode? switched) => switched?["enabled"]?.GetValueKind() is JsonValueKind.True;
}
