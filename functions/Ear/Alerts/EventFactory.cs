using System.Collections.Immutable;
using Ear.Clusters;
using Ear.Projects;
using Ear.Telemetry;

namespace Ear.Alerts;

/// <summary>Events of something that somebody asked for, now.</summary>
public sealed class EventFactory(IIds ids, TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public ProjectEvent Make(ProjectId project, string type, string actor, params IEnumerable<KeyValuePair<string, string>> details)
        => new(ids.New<EventId>(), project, type, Now, actor) { Details = details.ToImmutableSortedDictionary(StringComparer.Ordinal), Trace = EarTraces.Here };

    public ProjectEvent Make(Cluster cluster, string type, string actor, params IEnumerable<KeyValuePair<string, string>> details)
        => Make(cluster.ProjectId, type, actor, details) with { ClusterName = cluster.Name.Value };
}
