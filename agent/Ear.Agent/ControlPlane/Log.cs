using Microsoft.Extensions.Logging;

namespace Ear.Agent.ControlPlane;

internal static partial class Log
{
    [LoggerMessage(7400, LogLevel.Information, "Node {NodeId} is enrolled")]
    public static partial void Enrolled(ILogger logger, string nodeId);

    [LoggerMessage(7401, LogLevel.Warning, "Enrolment waits: {Why}")]
    public static partial void EnrolmentDelayed(ILogger logger, string why);
}
