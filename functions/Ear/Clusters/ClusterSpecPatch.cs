using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Clusters.Specs;
using Ear.CustomerKeys;
using Ear.Outcomes;

namespace Ear.Clusters;

/// <summary>Makes a wish out of what a client sent, in the newest shape, on top of what it wished before (spec atlas-ear §2.3).</summary>
public sealed class ClusterSpecPatch(IIds ids, ClusterDefaults defaults)
{
    /// <summary>A new cluster: replicationSpecs are needed, everything else has Atlas's default.</summary>
    public Outcome<ClusterSpec> Create(JsonObject body)
    {
        var described = ClusterFields.NewDescription();
        described["mongoDBMajorVersion"] = defaults.MongoDBMajorVersion;
        described["replicationSpecs"] = new JsonArray();
        return body["replicationSpecs"] is null
            ? new Problem.MissingField("replicationSpecs")
            : Apply(new ClusterSpec(null, "", 0) { Described = described }, body);
    }

    /// <summary>What is not sent stays; a wish equal to the one before is the one before.</summary>
    public Outcome<ClusterSpec> Apply(ClusterSpec current, JsonObject body)
    {
        var faults = new List<FieldFault>();
        ClusterFields.CheckTypes(body, faults);
        ReplicationSpecs.Form.Check("replicationSpecs", body["replicationSpecs"], faults);
        if (faults.Count == 0)
            ReplicationSpecs.CheckDisks(body, faults);
        if (faults.Count > 0)
            return new Problem.InvalidFields(faults);
        if (!Provider(body, current.EncryptionAtRestProvider).IsOk(out var provider, out var problem) || !Version(body).IsOk(out _, out problem))
            return problem;
        if (!Described(current, body, provider.Value is not null).IsOk(out var described, out problem))
            return problem;
        if ((ClusterFields.NotRun(body) ?? (SaysWhatRuns(body) ? FleetRules.Refused(described) : null)) is { } notRun)
            return notRun;
        var next = current with
        {
            EncryptionAtRestProvider = provider.Value,
            Described = described,
            InstanceSize = ReplicationSpecs.RegionsOf(described).First()["electableSpecs"]!["instanceSize"]!.GetValue<string>(),
            ElectableNodes = ReplicationSpecs.RegionsOf(described).Sum(r => r["electableSpecs"]!["nodeCount"]!.Whole()),
        };
        return IsSame(current, next) ? current : FleetRules.Refused(current, next) is { } moved ? moved : next;
    }

    private Outcome<JsonObject> Described(ClusterSpec current, JsonObject body, bool wantsEncryption)
    {
        var described = (JsonObject)current.Described.DeepClone();
        foreach (var name in ClusterFields.Kept)
        {
            if (body[name] is { } value)
                described[name] = ClusterFields.Known(value);
        }
        var type = described["clusterType"]!.GetValue<string>();
        if (type is not ("REPLICASET" or "SHARDED" or "GEOSHARDED"))
            return new Problem.InvalidField("clusterType", "REPLICASET, SHARDED or GEOSHARDED.");
        if (!SaysWhatRuns(body))
            return described;
        if (body["replicationSpecs"] is JsonArray sent)
            described["replicationSpecs"] = SpecMerge.Merge(sent, described["replicationSpecs"]!.AsArray(), ids);
        return new SpecRules(type, wantsEncryption).Refused(described["replicationSpecs"]!.AsArray()) is { } refused ? refused : described;
    }

    // What was taken once, by whatever rules, stays until it is spoken of again.
    private static bool SaysWhatRuns(JsonObject body) => body["replicationSpecs"] is not null || body["clusterType"] is not null;

    private static bool IsSame(ClusterSpec one, ClusterSpec other)
        => one.EncryptionAtRestProvider == other.EncryptionAtRestProvider && one.InstanceSize == other.InstanceSize
            && one.ElectableNodes == other.ElectableNodes && JsonNode.DeepEquals(one.Described, other.Described);

    private static Outcome<WantedProvider> Provider(JsonObject body, KeyProvider? current)
    {
        if (body["encryptionAtRestProvider"] is not { } sent)
            return new WantedProvider(current);
        return (sent.GetValueKind() is JsonValueKind.String ? sent.GetValue<string>() : sent.ToJsonString()) switch
        {
            "NONE" => new WantedProvider(null),
            "AWS" => new WantedProvider(KeyProvider.Aws),
            "AZURE" => new WantedProvider(KeyProvider.Azure),
            "GCP" => new WantedProvider(KeyProvider.Gcp),
            var other => new Problem.InvalidProvider(other),
        };
    }

    /// <summary>Nodes run the mongod that their machines have: another version cannot be wished for.</summary>
    private Outcome<string> Version(JsonObject body)
    {
        if (body["mongoDBMajorVersion"] is not { } sent)
            return defaults.MongoDBMajorVersion;
        return sent.GetValue<string>() is var version && version == defaults.MongoDBMajorVersion
            ? version
            : new Problem.NotRunHere("mongoDBMajorVersion", $"MongoDB {version} (it is {defaults.MongoDBMajorVersion})");
    }

    /// <summary>A class around a value that may be null, as an outcome needs one.</summary>
    private sealed record WantedProvider(KeyProvider? Value);
}

/// <param name="MongoDBMajorVersion">The major version of the mongod that the fleet's machines have.</param>
public sealed record ClusterDefaults(string MongoDBMajorVersion);
