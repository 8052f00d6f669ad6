using Ear.Clusters;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>Events 500 to 599.</summary>
internal static partial class Log
{
    [LoggerMessage(500, LogLevel.Debug, "Cluster {Cluster} of project {Project}: next is {Move}")]
    public static partial void Planned(ILogger logger, string cluster, string project, Move move);

    [LoggerMessage(501, LogLevel.Information, "Cluster {Cluster} of project {Project}: ordered {Move}")]
    public static partial void CarriedOut(ILogger logger, string cluster, string project, Move move);
}
