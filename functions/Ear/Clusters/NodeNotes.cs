using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Clusters;

/// <summary>
/// What is learnt from reports and verdicts before anything is planned: operations that ended, members that joined, verdicts that
/// an agent has to hear of. Each is one versioned write of one node; a second look finds nothing left to write.
/// </summary>
public sealed class NodeNotes(NodeGoals goals, IIds ids)
{
    /// <returns>True when something was written, or somebody else wrote first: look again.</returns>
    public async Task<bool> TakeAsync(ClusterSituation situation, CancellationToken cancellation)
    {
        var configured = situation.Present.Where(n => n.Document.Index < situation.View.Members).SelectMany(n => Configured(n.Document)).ToHashSet(StringComparer.Ordinal);
        var written = false;
        foreach (var (node, version) in situation.Present)
        {
            var events = new List<ProjectEvent>();
            var next = Left(Joined(Told(Ended(node, situation, events), situation), configured), situation);
            if (next == node)
                continue;
            await goals.SaveAsync(next, version, events, cancellation);
            written = true;
        }
        return written;
    }

    // An operation that succeeded says so before the member itself reports the new configuration.
    private static IEnumerable<string?> Configured(Node node)
    {
        IEnumerable<string?> seen = node.Report?.Mongod.ConfiguredMembers ?? [];
        return node.Goal.Op is { } op && node.Report?.Op is { Phase: OpPhase.Succeeded } report && report.Id == op.Id
            ? seen.Append(op.Kind switch { NodeOpKind.Initiate => node.HostPort, NodeOpKind.AdmitMember => op.Member, _ => null })
            : seen;
    }

    private Node Ended(Node node, ClusterSituation situation, List<ProjectEvent> events)
    {
        if (node.Goal.Op is not { } op || !ClusterSight.HasEnded(node, op))
            return node;
        var report = node.Report!.Op!;
        var failed = report.Phase is OpPhase.Failed;
        if (op.Kind is NodeOpKind.WipeAndResync)
            events.Add(ResyncEnded(node, situation, op, report));
        var goal = node.Goal with { Goal = node.Goal.Goal + 1, Op = null };
        // A re-sync that was given up has put the old files back: that is what this node is to run with until it is tried again.
        if (failed && op.Kind is NodeOpKind.WipeAndResync)
            goal = goal with { Encryption = node.Report.Encryption };
        return node with { Goal = goal, LastFailure = failed ? Failure(node, op, situation.Now) : null };
    }

    private static ProjectEvent ResyncEnded(Node node, ClusterSituation situation, NodeOp op, OpReport report)
    {
        var (type, details) = report.Phase is OpPhase.Failed
            ? ("CLUSTER_ROLLING_RESYNC_FAILED", new[] { ("errorCode", report.ErrorCode ?? "UNKNOWN"), ("detail", report.Detail ?? "") })
            : ("CLUSTER_INSTANCE_RESYNC_CLEARED", []);
        return CausedEvents.Of(situation.Cluster.Document, type, $"{node.Id}/{op.Id}", situation.Now, details) with { NodeId = node.Id.Value };
    }

    // 10 s, 20 s, 40 s, … 5 min, and up to a fifth more, so that many clusters do not try again in step.
    private OpFailure Failure(Node node, NodeOp op, DateTimeOffset now)
    {
        var attempts = (node.LastFailure?.Attempts ?? 0) + 1;
        var seconds = Math.Min(300, 10 * Math.Pow(2, Math.Min(attempts - 1, 10))) * (1 + ids.NextDouble() / 5);
        return new(op.Id, attempts, now + TimeSpan.FromSeconds(seconds));
    }

    // Invalid travels together with the order to stop, so that secondaries go first.
    private static Node Told(Node node, ClusterSituation situation)
    {
        var wanted = situation.Cluster.Document.Spec.EncryptionAtRestProvider;
        var verdict = NodeVerdicts.Of(situation.Project, NodeVerdicts.ProviderOf(node, wanted));
        if (verdict == node.Goal.Verdict || (verdict is GoalVerdict.Invalid && node.Goal.Process is WantedProcess.Running))
            return node;
        return node with { Goal = node.Goal with { Goal = node.Goal.Goal + 1, Verdict = verdict, VerdictAt = situation.Now } };
    }

    // Only who is to go can have left, and only the primary knows.
    private static Node Left(Node node, ClusterSituation situation)
    {
        if (!node.Joined || node.Index < situation.View.Members || situation.View.Primary is not { } primary)
            return node;
        var configured = situation.Node(primary.Id).Document.Report!.Mongod.ConfiguredMembers;
        return node.HostPort is { } hostPort && configured.Contains(hostPort) ? node : node with { Joined = false };
    }

    private static Node Joined(Node node, HashSet<string?> configured)
        => !node.Joined && node.HostPort is { } hostPort && configured.Contains(hostPort) ? node with { Joined = true } : node;
}
