using Ear.Clusters;

namespace Ear.Nodes;

/// <summary>Who waits for news of a cluster's nodes; nobody, mostly. A lost call delays, and strands nothing.</summary>
public interface IReportListener
{
    Task ReportedAsync(ClusterRef cluster, CancellationToken cancellation);
}
