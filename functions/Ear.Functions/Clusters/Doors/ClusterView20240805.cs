using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Functions.Http.Answers;
using Ear.Nodes;

namespace Ear.Functions.Clusters.Doors;

/// <summary>ClusterDescription20240805: what the owner said, echoed, and what Ear knows beside it.</summary>
internal static class ClusterView20240805
{
    public static JsonObject Of(Cluster cluster, IReadOnlyList<Stored<Node>> nodes, string url)
    {
        var view = (JsonObject)cluster.Spec.Described.DeepClone();
        var major = view["mongoDBMajorVersion"]?.GetValue<string>();
        view["connectionStrings"] = ConnectionStrings(cluster, nodes);
        view["createDate"] = AtlasTime.Format(cluster.Created);
        view["encryptionAtRestProvider"] = cluster.Spec.EncryptionAtRestProvider?.AtlasName() ?? "NONE";
        view["featureCompatibilityVersion"] = major;
        view["groupId"] = cluster.ProjectId.Value;
        view["id"] = cluster.Id.Value;
        view["links"] = new JsonArray(
            Link(url, "self"),
            Link(url + "/backup/restoreJobs", "https://cloud.mongodb.com/restoreJobs"),
            Link(url + "/backup/snapshots", "https://cloud.mongodb.com/snapshots"));
        view["mongoDBVersion"] = nodes.Select(n => n.Document.Report?.Mongod.Version).FirstOrDefault(v => v is not null) ?? $"{major}.0";
        view["name"] = cluster.Name.Value;
        view["stateName"] = cluster.State.ToString().ToUpperInvariant();
        // Nothing scales by itself here: what runs is what is wished.
        view["effectiveReplicationSpecs"] = view["replicationSpecs"]?.DeepClone();
        view["internalClusterRole"] = "NONE";
        return view;
    }

    /// <summary>Empty until the cluster first came up. A disabled cluster keeps its address.</summary>
    private static JsonObject ConnectionStrings(Cluster cluster, IReadOnlyList<Stored<Node>> nodes)
    {
        var hosts = nodes.Select(n => n.Document).Where(n => !n.Removed).Select(n => n.HostPort).OfType<string>().ToArray();
        return cluster.AchievedGeneration == 0 || hosts.Length == 0
            ? []
            : new JsonObject { ["standard"] = $"mongodb://{string.Join(',', hosts)}/?replicaSet={cluster.ReplicaSetName}" };
    }

    private static JsonObject Link(string href, string rel) => new() { ["href"] = href, ["rel"] = rel };
}

internal sealed record ClusterStatusView(string ChangeStatus, IReadOnlyList<Link> Links);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(ClusterStatusView))]
internal sealed partial class ClusterJson : JsonSerializerContext;
