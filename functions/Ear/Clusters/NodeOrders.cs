using System.Collections.Immutable;
using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.Telemetry;

namespace Ear.Clusters;

/// <summary>How a move becomes goals of nodes. Pure; a goal that already says so is left as it is.</summary>
public static class NodeOrders
{
    public static Node Stop(Node node, StopReason why, ClusterSituation situation)
        => Change(node, node.Goal with
        {
            Process = WantedProcess.Stopped,
            Verdict = why is StopReason.KeyInvalid ? Verdict(node, situation) : node.Goal.Verdict,
            VerdictAt = why is StopReason.KeyInvalid ? situation.Now : node.Goal.VerdictAt,
        });

    public static Node Start(Node node, ClusterSituation situation)
        => Change(node, node.Goal with
        {
            Process = WantedProcess.Running,
            InstanceSize = situation.Cluster.Document.Spec.InstanceSize,
            Verdict = Verdict(node, situation),
            VerdictAt = situation.Now,
        });

    public static Node Resync(Node node, KeyProvider? encryption, ClusterSituation situation)
    {
        var mode = ModeOf(encryption);
        return Change(node, node.Goal with
        {
            Encryption = mode,
            InstanceSize = situation.Cluster.Document.Spec.InstanceSize,
            // Until its old files are gone a node that leaves encryption still needs their key.
            Verdict = mode is EncryptionMode.None ? node.Goal.Verdict : NodeVerdicts.Of(situation.Project, encryption),
            VerdictAt = situation.Now,
            Op = Op(node, NodeOpKind.WipeAndResync, situation) with { TargetEncryption = mode },
        });
    }

    public static Node Resize(Node node, ClusterSituation situation)
        => Change(node, node.Goal with { InstanceSize = situation.Cluster.Document.Spec.InstanceSize, Op = Op(node, NodeOpKind.Restart, situation) });

    public static Node Do(Node node, NodeOpKind kind, ClusterSituation situation, string? member = null, double? priority = null)
        => Change(node, node.Goal with { Op = Op(node, kind, situation) with { Member = member, Priority = priority } });

    /// <summary>A larger fence and nothing else: whoever loaded this node before can no longer save it.</summary>
    public static Node Fence(Node node, long fence) => Change(node, node.Goal with { Fence = fence });

    public static EncryptionMode ModeOf(KeyProvider? provider) => provider is null ? EncryptionMode.None : EncryptionMode.Aes256Gcm;

    public static IReadOnlyList<ProjectEvent> ResyncRequested(Node ordered, ClusterSituation situation)
        => [CausedEvents.Of(situation.Cluster.Document, "CLUSTER_INSTANCE_RESYNC_REQUESTED", $"{ordered.Id}/{ordered.Goal.Op!.Id}", situation.Now) with { NodeId = ordered.Id.Value }];

    // The id names the wish and the goal that carries the order: the same order has the same id, a later one another.
    private static NodeOp Op(Node node, NodeOpKind kind, ClusterSituation situation)
    {
        var (lease, deadline) = Times(kind);
        var peers = situation.Present.Where(n => n.Document.Id != node.Id).Select(n => n.Document.HostPort).OfType<string>();
        return new($"g{situation.Cluster.Document.Generation}-{kind}-{node.Goal.Goal + 1}", kind, (int)lease.TotalSeconds, (int)deadline.TotalSeconds)
        {
            Peers = [.. peers],
            MaxLagSeconds = (int)ClusterSight.MaxLagSeconds,
        };
    }

    // mongod itself retries the transient errors of an initial sync for 24 h (spec dataplane §1.5).
    private static (TimeSpan Lease, TimeSpan Deadline) Times(NodeOpKind kind) => kind switch
    {
        NodeOpKind.WipeAndResync => (TimeSpan.FromMinutes(5), TimeSpan.FromHours(24)),
        NodeOpKind.Restart => (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)),
        _ => (TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(2)),
    };

    private static GoalVerdict Verdict(Node node, ClusterSituation situation)
        => NodeVerdicts.Of(situation.Project, NodeVerdicts.ProviderOf(node, situation.Cluster.Document.Spec.EncryptionAtRestProvider));

    private static Node Change(Node node, NodeGoal goal)
        => goal with { VerdictAt = node.Goal.VerdictAt } == node.Goal ? node : node with { Goal = goal with { Goal = node.Goal.Goal + 1, Trace = EarTraces.Here } };
}
