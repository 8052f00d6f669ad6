using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ear.Outcomes;

namespace Ear.Clusters;

/// <summary>
/// Reads replicationSpecs: one shard, in one region, with three electable nodes is what this fleet runs. Everything else is
/// refused by the path of its field. Answers the element in full, as Atlas echoes it.
/// </summary>
internal sealed partial class ReplicationSpec
{
    private const string Here = "replicationSpecs[0].regionConfigs[0]";
    private const int Members = 3;

    private ReplicationSpec(JsonObject full, string instanceSize)
    {
        Full = full;
        InstanceSize = instanceSize;
    }

    public JsonObject Full { get; }

    public string InstanceSize { get; }

    public int ElectableNodes => Members;

    /// <param name="sent">The value of replicationSpecs.</param>
    /// <param name="current">The element as it is; its ids stay. What is not sent stays too.</param>
    public static Outcome<ReplicationSpec> Read(JsonNode sent, JsonObject current, bool wantsEncryption)
    {
        if (!Only(sent, "replicationSpecs", "More than one shard").IsOk(out var shard, out var problem)
            || !Only(shard["regionConfigs"] ?? current["regionConfigs"], "replicationSpecs[0].regionConfigs", "More than one region").IsOk(out var region, out problem))
            return problem;
        var merged = region.DeepClone().AsObject();
        var before = current["regionConfigs"]?[0] as JsonObject;
        var faults = new List<FieldFault>();
        var electable = Hardware(merged, before, "electableSpecs", faults);
        var zone = Text(shard, "zoneName", "replicationSpecs[0].zoneName", faults) ?? current["zoneName"]?.GetValue<string>() ?? "Zone 1";
        var provider = Text(merged, "providerName", $"{Here}.providerName", faults) ?? Known(before, "providerName");
        var regionName = Text(merged, "regionName", $"{Here}.regionName", faults) ?? Known(before, "regionName");
        var size = Text(electable, "instanceSize", $"{Here}.electableSpecs.instanceSize", faults);
        var nodes = Number(electable, "nodeCount", $"{Here}.electableSpecs.nodeCount", faults);
        CheckNumbers(electable, faults);
        if (faults.Count > 0)
            return new Problem.InvalidFields(faults);
        if ((Tenant(provider, size, wantsEncryption) ?? Incomplete(provider, regionName, size, nodes) ?? Elsewhere(merged)) is { } refused)
            return refused;

        electable["nodeCount"] = Members;
        var full = new JsonObject
        {
            ["id"] = current["id"]!.DeepClone(),
            ["regionConfigs"] = new JsonArray(RegionConfig(merged, before, electable, provider!, regionName!)),
            ["zoneId"] = current["zoneId"]!.DeepClone(),
            ["zoneName"] = zone,
        };
        return new ReplicationSpec(full, size!);
    }

    private static JsonObject RegionConfig(JsonObject sent, JsonObject? before, JsonObject electable, string provider, string region)
    {
        var none = (JsonObject)electable.DeepClone();
        none["nodeCount"] = 0;
        return new JsonObject
        {
            ["analyticsSpecs"] = none.DeepClone(),
            ["autoScaling"] = (sent["autoScaling"] ?? before?["autoScaling"] ?? JsonNode.Parse("""{ "compute": { "enabled": false, "scaleDownEnabled": false }, "diskGB": { "enabled": false } }"""))!.DeepClone(),
            ["electableSpecs"] = electable,
            ["priority"] = 7,
            ["providerName"] = provider,
            ["readOnlySpecs"] = none,
            ["regionName"] = region,
        };
    }

    private static Problem? Tenant(string? provider, string? size, bool wantsEncryption)
    {
        if (provider is not "TENANT" && (size is null || !InstanceSizes.IsShared(size)))
            return null;
        return wantsEncryption
            ? new Problem.TenantCannotUseEncryptionAtRest(size ?? "TENANT")
            : new Problem.NotRunHere($"{Here}.electableSpecs.instanceSize", "A shared cluster (M10 is the smallest)");
    }

    private static Problem? Incomplete(string? provider, string? region, string? size, double? nodes)
    {
        if (provider is null)
            return new Problem.MissingField($"{Here}.providerName");
        if (provider is not ("AWS" or "AZURE" or "GCP"))
            return new Problem.InvalidField($"{Here}.providerName", "AWS, AZURE or GCP.");
        if (region is null)
            return new Problem.MissingField($"{Here}.regionName");
        if (!RegionName().IsMatch(region))
            return new Problem.InvalidField($"{Here}.regionName", "A region as US_EAST_1.");
        if (size is null)
            return new Problem.MissingField($"{Here}.electableSpecs.instanceSize");
        if (!InstanceSizes.IsDedicated(size))
            return new Problem.InvalidField($"{Here}.electableSpecs.instanceSize", "An instance size as M10.");
        return nodes is null or Members ? null : new Problem.NotRunHere($"{Here}.electableSpecs.nodeCount", $"A replica set of {nodes} instead of {Members} electable nodes");
    }

    private static Problem? Elsewhere(JsonObject region)
    {
        foreach (var kind in new[] { "readOnlySpecs", "analyticsSpecs" })
        {
            if (region[kind] is JsonObject specs && specs["nodeCount"] is { } count && !(count.GetValueKind() is JsonValueKind.Number && count.GetValue<double>() == 0))
                return new Problem.NotRunHere($"{Here}.{kind}.nodeCount", "A node that is not electable");
        }
        foreach (var kind in new[] { "autoScaling", "analyticsAutoScaling" })
        {
            if (region[kind] is { } scaling && (scaling is not JsonObject { } s || s["compute"] is { } c && (c is not JsonObject compute || compute["enabled"]?.GetValueKind() is JsonValueKind.True)))
                return new Problem.NotRunHere($"{Here}.{kind}.compute.enabled", "Automatic scaling of the instance size");
        }
        return region["priority"] is { } priority && !(priority.GetValueKind() is JsonValueKind.Number && priority.GetValue<double>() == 7)
            ? new Problem.InvalidField($"{Here}.priority", "The only region has priority 7.")
            : null;
    }

    private static JsonObject Hardware(JsonObject region, JsonObject? before, string name, List<FieldFault> faults)
    {
        var full = (before?[name] as JsonObject)?.DeepClone().AsObject() ?? [];
        if (region[name] is JsonObject sent)
        {
            foreach (var (field, value) in sent)
            {
                if (value is not null && field is "instanceSize" or "nodeCount" or "diskSizeGB" or "diskIOPS" or "ebsVolumeType")
                    full[field] = value!.DeepClone();
            }
        }
        else if (region[name] is not null)
        {
            faults.Add(new FieldFault($"{Here}.{name}", "Must be an object."));
        }
        return full;
    }

    /// <summary>Disks belong to the machines on which agents are enrolled: their description is kept and echoed.</summary>
    private static void CheckNumbers(JsonObject hardware, List<FieldFault> faults)
    {
        Number(hardware, "diskSizeGB", $"{Here}.electableSpecs.diskSizeGB", faults);
        Number(hardware, "diskIOPS", $"{Here}.electableSpecs.diskIOPS", faults);
        Text(hardware, "ebsVolumeType", $"{Here}.electableSpecs.ebsVolumeType", faults);
    }

    private static Outcome<JsonObject> Only(JsonNode? list, string path, string more)
    {
        if (list is null or JsonArray { Count: 0 })
            return new Problem.MissingField(path);
        if (list is not JsonArray elements || elements.Any(e => e is not JsonObject))
            return new Problem.InvalidFields([new FieldFault(path, "Must be a list of objects.")]);
        return elements.Count == 1 ? elements[0]!.AsObject() : new Problem.NotRunHere(path, more);
    }

    private static string? Known(JsonObject? before, string name) => before?[name]?.GetValue<string>();

    private static string? Text(JsonObject from, string name, string path, List<FieldFault> faults)
    {
        if (from[name] is not { } node)
            return null;
        if (node.GetValueKind() is JsonValueKind.String)
            return node.GetValue<string>();
        faults.Add(new FieldFault(path, "Must be a string."));
        return null;
    }

    private static double? Number(JsonObject from, string name, string path, List<FieldFault> faults)
    {
        if (from[name] is not { } node)
            return null;
        if (node.GetValueKind() is JsonValueKind.Number && node.AsValue().TryGetValue<double>(out var number) && number >= 0)
            return number;
        faults.Add(new FieldFault(path, "Must be a number from 0."));
        return null;
    }

    [GeneratedRegex(@"\A[A-Z][A-Z0-9_]{1,39}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RegionName();
}
