using System.Collections.Immutable;
using System.Text.Json;
using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Providers.Tests.Stores;

/// <summary>Documents as tests need them: valid, distinct, and named by what the test cares about.</summary>
internal static class Some
{
    private static readonly SystemIds Ids = new(TimeProvider.System);

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    public static T Id<T>()
        where T : struct, IHexId<T>
        => Ids.New<T>();

    public static Project Project(string name = "orders") => new(Id<ProjectId>(), Id<OrgId>(), name, Noon)
    {
        OwnerEmails = ["owner@example.org"],
        AwsRoles = [new AwsAccessRole(Id<RoleId>(), "7f0c5bb0-0f6e-4a53-9c57-0d7d3f0f7d10", Noon)],
    };

    public static Cluster Cluster(ProjectId project, string name = "orders") => new(
        Id<ClusterId>(), project, ClusterName.Parse(name, null), Noon, new ClusterSpec(KeyProvider.Aws, "M10", 3) { Described = new() { ["tags"] = "blue" } });

    public static Cluster Finished(ProjectId project, string name) => Cluster(project, name) with { State = ClusterState.Idle, AchievedGeneration = 1 };

    public static Node Node(Cluster cluster, int index) => new(
        Id<NodeId>(), cluster.ProjectId, cluster.Ref, index, new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M10", cluster.ReplicaSetName, GoalVerdict.None, null))
    {
        MasterKeys = ImmutableDictionary<string, WrappedKey>.Empty.Add("k1", new WrappedKey(KeyProvider.Aws, "arn:aws:kms:us-east-1:111122223333:key/k", "", "digest", [1, 2, 3])),
    };

    public static Alert Alert(ProjectId project, string type = "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED", string subject = "AWS")
        => new(Id<AlertId>(), project, type, subject, AlertStatus.Open, Noon, Noon);

    public static AlertConfig AlertConfig(ProjectId project) => new(
        Id<AlertConfigId>(), project, "AWS_ENCRYPTION_KEY_NEEDS_ROTATION", Enabled: true,
        [new AlertNotification("n1", Addressee.Group, 5) { IntervalMin = 60, Roles = ["GROUP_OWNER"] }, new AlertNotification("n2", Addressee.Email, 0) { EmailAddress = "ops@example.org" }], Noon, Noon)
    {
        ThresholdDays = 90,
        Severity = AlertSeverity.Error,
    };

    public static ProjectEvent Event(ProjectId project, string type = "CLUSTER_UPDATE_STARTED", string? cluster = null, DateTimeOffset? at = null)
        => new(Id<EventId>(), project, type, at ?? Noon, "ear") { ClusterName = cluster, Details = ImmutableSortedDictionary<string, string>.Empty.Add("reason", "PATCH") };

    /// <summary>Records with collections do not compare by content; what they write does.</summary>
    public static string Json<T>(T document) => JsonSerializer.Serialize(document, EarJson.Options);
}
