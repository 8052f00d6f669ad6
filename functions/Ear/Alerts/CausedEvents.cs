using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Ear.Clusters;
using Ear.Projects;
using Ear.Telemetry;

namespace Ear.Alerts;

/// <summary>
/// Events of what the system did by itself. Their ids follow from their cause, so that the same cause told twice is the same event
/// (I8): an activity that runs again after a lost answer announces nothing new.
/// </summary>
public static class CausedEvents
{
    public const string Actor = "ear";

    /// <summary>24 hexadecimal characters that follow from <paramref name="cause"/> alone.</summary>
    public static string HexOf(params IEnumerable<string> cause)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', cause))))[..24];

    public static ProjectEvent Of(ProjectId project, string type, string cause, DateTimeOffset now, params IEnumerable<(string Key, string Value)> details)
        => new(EventId.FromValid(HexOf(project.Value, type, cause)), project, type, now, Actor)
        {
            Trace = EarTraces.Here,
            Details = details.ToImmutableSortedDictionary(d => d.Key, d => d.Value, StringComparer.Ordinal),
        };

    public static ProjectEvent Of(Cluster cluster, string type, string cause, DateTimeOffset now, params IEnumerable<(string Key, string Value)> details)
        => Of(cluster.ProjectId, type, $"{cluster.Id}/{cause}", now, details) with { ClusterName = cluster.Name.Value };
}
