using System.Reflection;
using Ear.Agent.Goals;
using Ear.Agent.Mongod;
using Ear.Agent.Operations;
using Ear.Agent.Processes;
using Ear.Nodes;

namespace Ear.Agent.Node;

/// <summary>Turns what is seen into what is reported. Facts only; the control plane decides.</summary>
internal sealed class ReportWriter(GoalKeeper goals, OperationRunner operations, Supervisor supervisor, MongodStarter starter, string hostPort)
{
    private static readonly string AgentVersion = typeof(ReportWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private long achieved;

    public NodeReport Write(NodeSight sight)
    {
        var goal = goals.Current;
        if (goal is not null && IsAchieved(goal, sight))
            achieved = goal.Goal;
        // The dbPath is encrypted or not whether mongod runs or not.
        var encrypted = sight.Mongod.Encrypted ?? sight.Marker?.Encryption is not (null or EncryptionMode.None);
        return new NodeReport(
            AgentVersion, ProcessTable.BootId, Sequence: 0, achieved, hostPort, Mongod(sight),
            encrypted ? EncryptionMode.Aes256Gcm : EncryptionMode.None,
            encrypted ? sight.Mongod.KeyId ?? sight.Marker?.KeyId : null,
            starter.InstanceSize ?? goal?.InstanceSize ?? "", goal?.Verdict ?? GoalVerdict.None)
        {
            Op = operations.Report,
            DiskFreeBytes = sight.Space?.Free,
            DiskTotalBytes = sight.Space?.Total,
            DataBytes = sight.Space?.Used,
            WaitingFor = supervisor.WaitingFor,
        };
    }

    private bool IsAchieved(NodeGoal goal, NodeSight sight)
    {
        if (operations.IsOpen || (goal.Op is { } op && operations.Report?.Id != op.Id))
            return false;
        return goal.Process == WantedProcess.Running ? sight.Mongod.Up : sight.Process is null;
    }

    private static MongodReport Mongod(NodeSight sight)
    {
        var view = sight.Mongod;
        var lag = view.Self is { } self && view.Role != MemberRole.Primary ? view.LagOf(self) : null;
        return new MongodReport(
            view.Up, sight.Process?.ProcessId, view.Version, view.Role, lag, view.SyncPercent,
            [.. view.Members.Where(member => member.Healthy).Select(member => member.Host)])
        {
            ConfiguredMembers = [.. view.Members.Select(member => member.Host)],
        };
    }
}
