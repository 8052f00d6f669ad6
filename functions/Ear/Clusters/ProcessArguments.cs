using System.Text.Json.Nodes;
using Ear.Clusters.Specs;
using Ear.Outcomes;

namespace Ear.Clusters;

/// <summary>
/// Advanced options of mongod and mongos (spec atlas-ear §2.3). The agents of this fleet apply none of them yet, so each has its
/// default, an unset one is null, and nothing else is taken.
/// </summary>
public static class ProcessArguments
{
    private static readonly JsonObject Defaults = JsonNode.Parse(
        """
        {
          "changeStreamOptionsPreAndPostImagesExpireAfterSeconds": null,
          "chunkMigrationConcurrency": null,
          "customOpensslCipherConfigTls12": [],
          "customOpensslCipherConfigTls13": [],
          "defaultMaxTimeMS": null,
          "defaultWriteConcern": null,
          "javascriptEnabled": true,
          "minimumEnabledTlsProtocol": "TLS1_2",
          "noTableScan": false,
          "oplogMinRetentionHours": null,
          "oplogSizeMB": null,
          "queryStatsLogVerbosity": 1,
          "sampleRefreshIntervalBIConnector": null,
          "sampleSizeBIConnector": null,
          "tlsCipherConfigMode": "DEFAULT",
          "transactionLifetimeLimitSeconds": null
        }
        """)!.AsObject();

    /// <summary>Only before 2024-08-05.</summary>
    private static readonly JsonObject OlderDefaults = new() { ["defaultReadConcern"] = null, ["failIndexKeyTooLong"] = null };

    private static readonly JsonForm Form = JsonForm.Parse(
        """
        {
          "changeStreamOptionsPreAndPostImagesExpireAfterSeconds": -1, "chunkMigrationConcurrency": -1,
          "customOpensslCipherConfigTls12": [""], "customOpensslCipherConfigTls13": [""],
          "defaultMaxTimeMS": 0, "defaultReadConcern": "", "defaultWriteConcern": "", "failIndexKeyTooLong": true, "javascriptEnabled": true,
          "minimumEnabledTlsProtocol": "", "noTableScan": true, "oplogMinRetentionHours": 0.5, "oplogSizeMB": 0, "queryStatsLogVerbosity": 0,
          "sampleRefreshIntervalBIConnector": 0, "sampleSizeBIConnector": 0, "tlsCipherConfigMode": "", "transactionLifetimeLimitSeconds": 0
        }
        """);

    /// <param name="older">Of a version before 2024-08-05, which has two more.</param>
    public static JsonObject Of(bool older)
        => new((older ? Defaults.Concat(OlderDefaults) : Defaults).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => KeyValuePair.Create(a.Key, a.Value?.DeepClone())));

    /// <summary>All wrong types at once; then the first value that is not run here.</summary>
    public static Problem? Refused(JsonObject body)
    {
        var faults = new List<FieldFault>();
        Form.Check("", body, faults);
        return faults.Count > 0 ? new Problem.InvalidFields(faults) : ClusterFields.NotRun(body, Defaults.Concat(OlderDefaults), "");
    }
}
