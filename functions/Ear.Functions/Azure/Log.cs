using Microsoft.Extensions.Logging;

namespace Ear.Functions.Azure;

/// <summary>Events 1200 to 1299.</summary>
internal static partial class Log
{
    [LoggerMessage(1200, LogLevel.Information,
        "Node {Node} (member {Index} of cluster {Cluster}, project {Project}) waits for an agent to enrol")]
    public static partial void NodeAwaited(ILogger logger, string node, int index, string cluster, string project);

    [LoggerMessage(1201, LogLevel.Information, "Node {Node} of project {Project} is released: its agent is told to stop; the machine and its data may be destroyed")]
    public static partial void NodeReleased(ILogger logger, string node, string project);
}
