using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Goals;

internal static partial class Log
{
    [LoggerMessage(7200, LogLevel.Information, "Goal {Goal} (fence {Fence}): {Process}, encryption {Encryption}, key {Verdict}, operation {Kind} {OpId}")]
    public static partial void GoalAccepted(ILogger logger, long goal, long fence, WantedProcess process, EncryptionMode encryption, GoalVerdict verdict, NodeOpKind? kind, string? opId);

    [LoggerMessage(7201, LogLevel.Warning, "Goal {Goal} (fence {Fence}) refused: goal {KnownGoal} (fence {KnownFence}) is newer")]
    public static partial void GoalRefused(ILogger logger, long goal, long fence, long knownGoal, long knownFence);

    [LoggerMessage(7202, LogLevel.Warning, "The control plane says that this node was removed: mongod is stopped, the agent ends. The data folder is left as it is")]
    public static partial void NodeRemoved(ILogger logger);

    [LoggerMessage(7203, LogLevel.Warning, "Control plane away: {Why}. The last goal and verdict stay in force")]
    public static partial void ControlPlaneAway(ILogger logger, string why);

    [LoggerMessage(7204, LogLevel.Information, "Control plane back after {Downtime}")]
    public static partial void ControlPlaneBack(ILogger logger, TimeSpan downtime);
}
