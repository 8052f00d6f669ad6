using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Outcomes;

namespace Ear.Clusters;

/// <summary>
/// The fields of a cluster's description (spec atlas-ear §2.3, shape 2024-08-05) beside replicationSpecs and
/// encryptionAtRestProvider. What this fleet carries out can be set; of everything else only Atlas's default is taken, so that a
/// wish is never silently dropped. Fields that Atlas does not know, and read-only ones, are ignored.
/// </summary>
internal static class ClusterFields
{
    /// <summary>Kept as sent.</summary>
    public static readonly string[] Free = ["labels", "tags", "terminationProtectionEnabled"];

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

    public static JsonObject NewDescription() => (JsonObject)Defaults.DeepClone();

    /// <summary>Wrong types, all at once; then the first thing that is not run here.</summary>
    public static Problem? Refused(JsonObject body)
    {
        var faults = new List<FieldFault>();
        Problem? notRun = null;
        foreach (var (name, value) in Defaults.Concat(SilentDefaults))
        {
            if (body[name] is { } sent)
                Compare(name, sent, value!, faults, ref notRun);
        }
        foreach (var list in new[] { "labels", "tags" })
            CheckPairs(list, body[list], faults);
        if (body["acceptDataRisksAndForceReplicaSetReconfig"] is not null)
            notRun ??= new Problem.NotRunHere("acceptDataRisksAndForceReplicaSetReconfig", "A forced reconfiguration");
        return faults.Count > 0 ? new Problem.InvalidFields(faults) : notRun;
    }

    private static void Compare(string path, JsonNode sent, JsonNode taken, List<FieldFault> faults, ref Problem? notRun)
    {
        if (Kind(sent) != Kind(taken))
        {
            faults.Add(new FieldFault(path, $"Must be {Words(taken)}."));
        }
        else if (taken is JsonObject inner)
        {
            foreach (var (name, value) in inner)
            {
                if (sent[name] is { } part)
                    Compare($"{path}.{name}", part, value!, faults, ref notRun);
            }
        }
        else if (!Free.Contains(path) && !IsSame(sent, taken))
        {
            notRun ??= new Problem.NotRunHere(path, $"'{sent.ToJsonString()}' (only {taken.ToJsonString()} is taken)");
        }
    }

    private static void CheckPairs(string list, JsonNode? sent, List<FieldFault> faults)
    {
        if (sent is not JsonArray pairs)
            return;
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

    private static JsonValueKind Kind(JsonNode node) => node.GetValueKind() is JsonValueKind.False ? JsonValueKind.True : node.GetValueKind();

    private static string Words(JsonNode node) => Kind(node) switch
    {
        JsonValueKind.True => "true or false",
        JsonValueKind.String => "a string",
        JsonValueKind.Array => "a list",
        _ => "an object",
    };

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
