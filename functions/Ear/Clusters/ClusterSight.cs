using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Clusters;

/// <summary>How documents become what the planner sees.</summary>
public static class ClusterSight
{
    /// <summary>A poll lasts at most 50 s; an agent that missed two of them is not there.</summary>
    public static readonly TimeSpan Unheard = TimeSpan.FromMinutes(2);

    /// <summary>A machine whose agent has not enrolled by then is asked for again.</summary>
    public static readonly TimeSpan MachineOverdue = TimeSpan.FromSeconds(30);

    public const double MaxLagSeconds = 10;

    /// <summary>A second copy of the data and a tenth for what is written meanwhile.</summary>
    private const double DiskRoom = 1.1;

    /// <summary>What Atlas asks of each member before it tests a failover (R92).</summary>
    private const double DiskToSpare = 0.05;

    public static ClusterView ViewOf(Cluster cluster, Project? project, IEnumerable<Node> nodes, DateTimeOffset now)
    {
        var wanted = cluster.Spec.EncryptionAtRestProvider;
        var present = nodes.Where(n => !n.Removed).OrderBy(n => n.Index).ToList();
        var providers = present.Select(n => NodeVerdicts.ProviderOf(n, wanted)).Append(wanted).OfType<KeyProvider>().Distinct().ToList();
        var key = providers.Select(p => KeyOf(project?.EncryptionAtRest.StandingOf(p))).DefaultIfEmpty(KeyView.NotNeeded).Max();
        return new(wanted, cluster.Spec.InstanceSize, cluster.Spec.ElectableNodes, cluster.DeletionRequested, key, [.. present.Select(n => ViewOf(n, wanted, now) with { Priority = cluster.Spec.PriorityOf(n.Index) })])
        {
            Paused = cluster.Spec.IsPaused,
            PrimaryToRestart = cluster.PrimaryToRestart,
        };
    }

    /// <summary>An operation was given to the node, and its end is not reported.</summary>
    public static bool IsBusy(Node node) => node.Goal.Op is { } op && !HasEnded(node, op);

    public static bool HasEnded(Node node, NodeOp op)
        => node.Report?.Op is { } report && report.Id == op.Id && report.Phase is (OpPhase.Succeeded or OpPhase.Failed);

    private static KeyView KeyOf(KeyStanding? standing) => NodeVerdicts.Of(standing) switch
    {
        GoalVerdict.Invalid => KeyView.Invalid,
        GoalVerdict.Valid => KeyView.Valid,
        _ => KeyView.Unknown,
    };

    private static NodeView ViewOf(Node node, KeyProvider? wanted, DateTimeOffset now)
    {
        var report = node.Report;
        var process = report is null || now - node.HeardAt > Unheard ? ProcessView.Unheard : report.Mongod.Up ? ProcessView.Up : ProcessView.Down;
        var role = process is ProcessView.Up ? report!.Mongod.Role : MemberRole.Down;
        return new(
            node.Id, node.Index, node.Goal.Process is WantedProcess.Running, process, role,
            NodeVerdicts.FilesOf(node, wanted), report?.InstanceSize ?? node.Goal.InstanceSize,
            CaughtUp: role is MemberRole.Primary || (role is MemberRole.Secondary && report!.Mongod.LagSeconds <= MaxLagSeconds))
        {
            IsAwaited = node.MachineTask is MachineTask.Provide,
            IsProvided = node.AgentKey is not null || node.AwaitedSince is not null || now < node.Enrolment?.Expires - NodeProvisioning.TokenLife + MachineOverdue,
            IsEnrolled = node.AgentKey is not null,
            IsMember = node.Joined,
            Busy = IsBusy(node) ? Words(node.Goal.Op!, report?.Op) : null,
            RetryIn = node.LastFailure is { } failure && failure.RetryAt > now ? failure.RetryAt - now : null,
            HasDiskRoom = !(report?.DiskFreeBytes < report?.DataBytes * DiskRoom),
            HasDiskToSpare = !(report?.DiskFreeBytes < report?.DiskTotalBytes * DiskToSpare),
        };
    }

    private static string Words(NodeOp op, OpReport? report)
    {
        var kind = op.Kind switch
        {
            NodeOpKind.Initiate => "initiating the replica set",
            NodeOpKind.AdmitMember => $"admitting {op.Member}",
            NodeOpKind.RemoveMember => $"removing {op.Member}",
            NodeOpKind.StepDown => "stepping down",
            NodeOpKind.WipeAndResync => "re-syncing",
            _ => "restarting",
        };
        return report?.Id == op.Id ? $"{kind} ({report.Step}{(report.Percent is { } percent ? $", {percent} %" : "")})" : kind;
    }
}
