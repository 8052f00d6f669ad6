using Ear.Alerts;
using Ear.Functions.Http.Answers;
using Ear.Projects;

namespace Ear.Functions.Alerts.Doors;

/// <param name="PublicKey">Who caused it; absent for what the system did by itself.</param>
/// <param name="ClusterName">With <paramref name="NodeId"/>: more than Atlas says, for people and scripts.</param>
internal sealed record EventView(
    string Id,
    string EventTypeName,
    string Created,
    string GroupId,
    string OrgId,
    bool IsGlobalAdmin,
    string? PublicKey,
    string? ClusterName,
    string? NodeId,
    string? AlertId,
    string? AlertConfigId,
    IReadOnlyList<Link> Links,
    RawEvent? Raw)
{
    private const string Ear = "ear";

    public static EventView Of(Project project, ChainedEvent chained, string url, bool raw)
    {
        var (happened, sequence, hash, previous) = chained;
        return new(
            happened.Id.Value,
            happened.Type,
            AtlasTime.Format(happened.Created),
            project.Id.Value,
            project.OrgId.Value,
            false,
            happened.Actor == Ear ? null : happened.Actor,
            happened.ClusterName,
            happened.NodeId,
            happened.Details.GetValueOrDefault(AlertDetails.AlertId),
            happened.Details.GetValueOrDefault(AlertDetails.ConfigId),
            [new Link(url, "self")],
            raw ? new RawEvent(happened.Details, sequence, hash, previous) : null);
    }
}

/// <summary>The facts of an event, and its place in the chain, so that an auditor can check that nothing was taken out (I11).</summary>
internal sealed record RawEvent(IReadOnlyDictionary<string, string> Details, long Sequence, string Hash, string PreviousHash);
