using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Clusters.Specs;
using Ear.Outcomes;

namespace Ear.Clusters;

/// <summary>
/// The fields of a cluster's description (spec atlas-ear §2.3, newest shape) beside replicationSpecs and encryptionAtRestProvider.
/// What this fleet carries out can be set; of everything else only Atlas's default is taken, so that a wish is never silently
/// dropped. Fields that Atlas does not know, and read-only ones, are ignored.
/// </summary>
internal static class ClusterFields
{
    /// <summary>Labels, and tags, of one cluster.</summary>
    private const int MostPairs = 100;

    /// <summary>Kept as sent; what of them the fleet does not run is refused elsewhere.</summary>
    public static readonly string[] Kept = ["clusterType", "labels", "paused", "tags", "terminationProtectionEnabled"];

    private static readonly JsonObject Defaults = Parse(
        """
        {
          "advancedConfiguration": {
            "customOpensslCipherConfigTls12": [], "customOpensslCipherConfigTls13": [],
            "minimumEnabledTlsProtocol": "TLS1_2", "tlsCipherConfigMode": "DEFAULT"
          },
          "backupEnabled": false,
          "biConnector": { "enabled": false, "readPreference": "secondary" },
          "clusterType": "REPLICASET",
          "configServerManagementMode": "ATLAS_MANAGED",
          "diskWarmingMode": "FULLY_WARMED",
          "globalClusterSelfManagedSharding": false,
          "labels": [],
          "paused": false,
          "pitEnabled": false,
          "redactClientLogData": false,
          "replicaSetScalingStrategy": "WORKLOAD_TYPE",
          "rootCertType": "ISRGROOTX1",
          "tags": [],
          "terminationProtectionEnabled": false,
          "versionReleaseSystem": "LTS"
        }
        """);

    /// <summary>Not part of an answer, but a wish when set to something else.</summary>
    private static readonly JsonObject SilentDefaults = Parse(
        """{ "adaptiveCapacity": "DISABLED", "retainBackups": false, "useAwsTimeBasedSnapshotCopyForFastInitialSync": false }""");

    private static readonly JsonForm Form = new(new JsonObject(Defaults.Concat(SilentDefaults).Select(d => KeyValuePair.Create(d.Key, d.Value?.DeepClone())))
    {
        ["mongoDBMajorVersion"] = "",
        ["name"] = "",
    });

    public static JsonObject NewDescription() => (JsonObject)Defaults.DeepClone();

    public static void CheckTypes(JsonObject body, List<FieldFault> faults)
    {
        Form.Check("", body, faults);
        foreach (var list in new[] { "labels", "tags" })
            CheckPairs(list, body[list], faults);
    }

    /// <param name="body">Of the right types.</param>
    /// <returns>The first thing that is not run here.</returns>
    public static Problem? NotRun(JsonObject body)
        => body["acceptDataRisksAndForceReplicaSetReconfig"] is not null
            ? new Problem.NotRunHere("acceptDataRisksAndForceReplicaSetReconfig", "A forced reconfiguration")
            : NotRun(body, Defaults.Concat(SilentDefaults).Where(d => !Kept.Contains(d.Key)), "");

    /// <summary>The first field that is sent and differs from the only value that is taken.</summary>
    public static Problem? NotRun(JsonObject body, IEnumerable<KeyValuePair<string, JsonNode?>> taken, string prefix)
    {
        foreach (var (name, only) in taken)
        {
            if (body[name] is not { } sent)
                continue;
            if (only is JsonObject inner)
            {
                if (NotRun(sent.AsObject(), inner, $"{prefix}{name}.") is { } refused)
                    return refused;
            }
            else if (only is null || !IsSame(sent, only))
            {
                return new Problem.NotRunHere(prefix + name, $"'{sent.ToJsonString()}' (only {only?.ToJsonString() ?? "null"} is taken)");
            }
        }
        return null;
    }

    /// <summary>A list of pairs without what Atlas does not know in them; anything else as it is.</summary>
    public static JsonNode Known(JsonNode value) => value is JsonArray pairs
        ? new JsonArray([.. pairs.Select(p => new JsonObject { ["key"] = p!["key"]!.DeepClone(), ["value"] = p["value"]!.DeepClone() })])
        : value.DeepClone();

    private static void CheckPairs(string list, JsonNode? sent, List<FieldFault> faults)
    {
        if (sent is not JsonArray pairs)
            return;
        if (pairs.Count > MostPairs)
        {
            faults.Add(new FieldFault(list, $"Must be a list of at most {MostPairs} items."));
            return;
        }
        for (var i = 0; i < pairs.Count; i++)
        {
            if (!IsText(pairs[i] is JsonObject pair ? pair["key"] : null) || !IsText(pairs[i]!["value"]))
                faults.Add(new FieldFault($"{list}[{i}]", "Must be an object with key and value, strings of 1 to 255 characters."));
        }

        static bool IsText(JsonNode? node) => node?.GetValueKind() is JsonValueKind.String && node.GetValue<string>() is { Length: >= 1 and <= 255 };
    }

    private static bool IsSame(JsonNode sent, JsonNode taken)
        => taken.GetValueKind() is JsonValueKind.String
            ? sent.GetValue<string>().Equals(taken.GetValue<string>(), StringComparison.OrdinalIgnoreCase)
            : JsonNode.DeepEquals(sent, taken);

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
