using Microsoft.Extensions.Logging;

namespace Ear.Local.Machines;

internal static partial class Log
{
    [LoggerMessage(4200, LogLevel.Information, "Node {NodeId}: agent started, process {ProcessId}.")]
    public static partial void AgentStarted(ILogger logger, string nodeId, int processId);
}
