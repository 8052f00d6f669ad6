using Microsoft.Extensions.Logging;

namespace Ear.Nodes;

/// <summary>Events 1250 to 1299; the operator's doors have those before.</summary>
internal static partial class Log
{
    [LoggerMessage(1250, LogLevel.Information,
        "Node {Node} (member {Index} of cluster {Cluster}, project {Project}) waits for an agent to enrol")]
    public static partial void NodeAwaited(ILogger logger, string node, int index, string cluster, string project);

    [LoggerMessage(1251, LogLevel.Information, "Node {Node} of project {Project} is released: its agent is told to stop; the machine and its data may be destroyed")]
    public static partial void NodeReleased(ILogger logger, string node, string project);
}
