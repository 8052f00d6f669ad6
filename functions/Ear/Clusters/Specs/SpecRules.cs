using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ear.Outcomes;

namespace Ear.Clusters.Specs;

/// <summary>
/// What replicationSpecs may say at all (spec atlas-ear §2.3), sharded or not, in one region or many. Whether this fleet runs it is
/// another question: <see cref="FleetRules"/>.
/// </summary>
internal sealed partial class SpecRules(string clusterType, bool wantsEncryption)
{
    public const int LeastDisk = 10;
    public const int MostDisk = 4096;
    private const int MaxShards = 70;
    private const int MaxNodes = 50;

    private static readonly string[] Elements = ["electableSpecs", "readOnlySpecs", "analyticsSpecs"];

    /// <param name="full">As <see cref="SpecMerge"/> makes it.</param>
    /// <returns>The first thing that cannot be.</returns>
    public Problem? Refused(JsonArray full)
    {
        if (full.Count == 0)
            return new Problem.MissingField("replicationSpecs");
        if (clusterType is "REPLICASET" && full.Count > 1)
            return new Problem.InvalidField("replicationSpecs", "A REPLICASET is one element; each element of a SHARDED or GEOSHARDED cluster is one shard.");
        if (full.Count > MaxShards)
            return new Problem.InvalidField("replicationSpecs", $"At most {MaxShards} shards.");
        return full.Select((element, i) => Element(element!.AsObject(), $"replicationSpecs[{i}]")).FirstOrDefault(p => p is not null)
            ?? Alike("replicationSpecs", "diskSizeGB", Hardware(full).Select(h => h["diskSizeGB"]), "of every node of a cluster");
    }

    private Problem? Element(JsonObject element, string path)
    {
        if (element["zoneName"]!.GetValue<string>().Length is 0 or > 64)
            return new Problem.InvalidField($"{path}.zoneName", "A name of 1 to 64 characters.");
        if (element["regionConfigs"] is not JsonArray { Count: > 0 } regions)
            return new Problem.MissingField($"{path}.regionConfigs");
        var below = $"{path}.regionConfigs";
        return regions.Select((region, i) => Region(region!.AsObject(), $"{below}[{i}]")).FirstOrDefault(p => p is not null)
            ?? Distinct(regions, below)
            ?? Counts(regions, below)
            ?? Priorities(regions, below)
            ?? Alike(below, "instanceSize", Serving(regions).Select(h => h["instanceSize"]), "of electable and read-only nodes of a shard")
            ?? Alike(below, "autoScaling", regions.Select(r => r!["autoScaling"]), "of every region")
            ?? Alike(below, "analyticsAutoScaling", regions.Select(r => r!["analyticsAutoScaling"]), "of every region");
    }

    private Problem? Region(JsonObject region, string path)
    {
        var provider = region["providerName"]?.GetValue<string>();
        var size = region["electableSpecs"]!["instanceSize"]?.GetValue<string>();
        if (Tenant(provider, size, path) is { } tenant)
            return tenant;
        if (provider is null)
            return new Problem.MissingField($"{path}.providerName");
        if (!InstanceSizes.IsCloudProvider(provider))
            return new Problem.InvalidField($"{path}.providerName", $"One of {string.Join(", ", InstanceSizes.CloudProviders)}.");
        if (region["regionName"]?.GetValue<string>() is not { } name)
            return new Problem.MissingField($"{path}.regionName");
        if (!RegionName().IsMatch(name))
            return new Problem.InvalidField($"{path}.regionName", "A region as US_EAST_1.");
        return Elements.Select(kind => HardwareOf(provider, region[kind]!.AsObject(), $"{path}.{kind}")).FirstOrDefault(p => p is not null)
            ?? Scaling(provider, region["autoScaling"], $"{path}.autoScaling")
            ?? Scaling(provider, region["analyticsAutoScaling"], $"{path}.analyticsAutoScaling");
    }

    private Problem? Tenant(string? provider, string? size, string path)
    {
        if (provider is not ("TENANT" or "FLEX" or "SERVERLESS") && (size is null || !InstanceSizes.IsShared(size)))
            return null;
        return wantsEncryption
            ? new Problem.TenantCannotUseEncryptionAtRest(size ?? provider!)
            : new Problem.NotRunHere($"{path}.electableSpecs.instanceSize", "A shared cluster (M10 is the smallest)");
    }

    private static Problem? HardwareOf(string provider, JsonObject hardware, string path)
    {
        if (hardware["instanceSize"]?.GetValue<string>() is not { } size)
            return new Problem.MissingField($"{path}.instanceSize");
        if (!InstanceSizes.IsDedicated(provider, size))
            return new Problem.InvalidField($"{path}.instanceSize", $"An instance size of {provider} as M10.");
        if (hardware["diskSizeGB"]?.Number() is < LeastDisk or > MostDisk)
            return new Problem.InvalidField($"{path}.diskSizeGB", $"From {LeastDisk} to {MostDisk}.");
        if (hardware["diskIOPS"] is not null && provider is "GCP")
            return new Problem.InvalidField($"{path}.diskIOPS", "Of AWS and AZURE only.");
        return hardware["ebsVolumeType"]?.GetValue<string>() switch
        {
            null => null,
            _ when provider is not "AWS" => new Problem.InvalidField($"{path}.ebsVolumeType", "Of AWS only."),
            "STANDARD" or "PROVISIONED" or "HIGH_PERFORMANCE" => null,
            _ => new Problem.InvalidField($"{path}.ebsVolumeType", "STANDARD, PROVISIONED or HIGH_PERFORMANCE."),
        };
    }

    private static Problem? Scaling(string provider, JsonNode? scaling, string path)
    {
        var (least, most) = (Limit("minInstanceSize"), Limit("maxInstanceSize"));
        if (least is -1)
            return new Problem.InvalidField($"{path}.compute.minInstanceSize", $"An instance size of {provider} as M10.");
        if (most is -1)
            return new Problem.InvalidField($"{path}.compute.maxInstanceSize", $"An instance size of {provider} as M10.");
        return least > most ? new Problem.InvalidField($"{path}.compute.minInstanceSize", "Not larger than maxInstanceSize.") : null;

        int? Limit(string name) => scaling?["compute"]?[name] is { } size ? InstanceSizes.Of(provider).ToList().IndexOf(size.GetValue<string>()) : null;
    }

    private static Problem? Distinct(JsonArray regions, string path)
        => regions.GroupBy(r => (r!["providerName"]!.GetValue<string>(), r["regionName"]!.GetValue<string>())).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? new Problem.InvalidField(path, $"{twice.Key.Item2} of {twice.Key.Item1} is named twice.")
            : null;

    private static Problem? Counts(JsonArray regions, string path)
    {
        if (regions.Sum(r => Nodes(r, "electableSpecs")) is not (3 or 5 or 7))
            return new Problem.InvalidField(regions.Count == 1 ? $"{path}[0].electableSpecs.nodeCount" : path, "3, 5 or 7 electable nodes in all regions together.");
        return regions.Sum(r => Elements.Sum(kind => Nodes(r, kind))) > MaxNodes
            ? new Problem.InvalidField(path, $"At most {MaxNodes} nodes in all regions together.")
            : null;
    }

    // 7, 6, 5, … for the regions with electable nodes, in the order in which they are named; 0 for the others.
    private static Problem? Priorities(JsonArray regions, string path)
    {
        var expected = 7;
        for (var i = 0; i < regions.Count; i++)
        {
            var wanted = Nodes(regions[i], "electableSpecs") > 0 ? expected-- : 0;
            if (regions[i]!["priority"]!.Whole() != wanted)
                return new Problem.InvalidField($"{path}[{i}].priority", $"{wanted}: regions with electable nodes have 7, 6, 5, … in their order, those without have 0.");
        }
        return null;
    }

    private static Problem? Alike(string path, string name, IEnumerable<JsonNode?> values, string whose)
    {
        var all = values.ToList();
        return all.Count == 0 || all.TrueForAll(v => JsonNode.DeepEquals(v, all[0]))
            ? null
            : new Problem.InvalidField(path, $"The {name} {whose} must be the same.");
    }

    private static IEnumerable<JsonObject> Serving(JsonArray regions)
        => regions.SelectMany(r => Elements.Take(2).Where(kind => Nodes(r, kind) > 0).Select(kind => r![kind]!.AsObject()));

    private static IEnumerable<JsonObject> Hardware(JsonArray full)
        => full.SelectMany(e => e!["regionConfigs"]!.AsArray()).SelectMany(r => Elements.Where(kind => Nodes(r, kind) > 0).Select(kind => r![kind]!.AsObject()));

    private static int Nodes(JsonNode? region, string kind) => region![kind]!["nodeCount"]!.Whole();

    [GeneratedRegex(@"\A[A-Z][A-Z0-9_]{1,39}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RegionName();
}
