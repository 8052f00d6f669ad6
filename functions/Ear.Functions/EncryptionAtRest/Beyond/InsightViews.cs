using System.Text.Json.Serialization;
using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Functions.Http.Answers;

namespace Ear.Functions.EncryptionAtRest.Beyond;

/// <param name="Accepted">The PATCH would be taken as a whole.</param>
/// <param name="Error">Why not, though each part would be taken.</param>
internal sealed record DryRunView(bool Accepted, ErrorView? Error, IReadOnlyList<RehearsedKeyView> Providers)
{
    public static DryRunView Of(Rehearsal rehearsal) => new(
        rehearsal.Refusal is null && rehearsal.Keys.All(k => k.Refusal is null),
        rehearsal.Refusal is { } refusal ? ErrorView.Of(ProblemAnswers.Of(refusal)) : null,
        [.. rehearsal.Keys.Select(RehearsedKeyView.Of)]);
}

/// <param name="Error">What the PATCH would be refused with.</param>
internal sealed record RehearsedKeyView(string CloudProvider, string Change, bool Accepted, ErrorView? Error, FactsView? Facts)
{
    public static RehearsedKeyView Of(RehearsedKey key) => new(
        key.Provider.AtlasName(),
        Name(key.Change),
        key.Refusal is null,
        key.Refusal is { } refusal ? ErrorView.Of(ProblemAnswers.Of(refusal)) : null,
        FactsView.Of(key.Facts));

    private static string Name(RehearsedChange change) => change switch
    {
        RehearsedChange.None => "NONE",
        RehearsedChange.Configure => "CONFIGURE",
        RehearsedChange.ChangeCredentials => "CHANGE_CREDENTIALS",
        RehearsedChange.Disable => "DISABLE",
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
    };
}

/// <param name="CheckedAt">Of the last check that was written down: one that changes nothing is, once an hour.</param>
/// <param name="SuspectedSince">A first check said no; a second one is awaited before anything stops.</param>
/// <param name="ShutDownSince">Clusters are down for this key since then.</param>
internal sealed record VerdictView(
    string CloudProvider,
    bool Valid,
    string Verdict,
    string? Reason,
    string? Detail,
    string CheckedAt,
    string? ChangedAt,
    string KeySetAt,
    string? SuspectedSince,
    string? ShutDownSince,
    bool NetworkAccessDenied,
    int ChecksWithoutAnswer,
    FactsView? Facts)
{
    public static VerdictView Of(KeyProvider provider, KeyStanding standing)
    {
        var (verdict, reason, detail) = Words(standing.Last);
        return new(
            provider.AtlasName(), standing.Valid, verdict, reason, detail, AtlasTime.Format(standing.CheckedAt),
            standing.ChangedAt == default ? null : AtlasTime.Format(standing.ChangedAt), AtlasTime.Format(standing.KeySetAt),
            Time(standing.SuspectedSince), Time(standing.ShutDownSince), standing.NetworkAccessDenied, standing.UnknownInARow, FactsView.Of(standing.Facts));
    }

    private static (string, string?, string?) Words(KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Valid => ("VALID", null, null),
        KeyVerdict.Invalid invalid => ("INVALID", invalid.Reason.ToString(), invalid.Detail),
        KeyVerdict.Unknown unknown => ("UNKNOWN", unknown.Reason.ToString(), unknown.Detail),
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };

    private static string? Time(DateTimeOffset? time) => time is { } t ? AtlasTime.Format(t) : null;
}

/// <summary>What the provider told beside its yes or no; null where it told nothing.</summary>
internal sealed record FactsView(
    string? KeyState, string? RecoverableUntil, string? KeyExpires, string? CredentialExpires, bool? RotationEnabled, string? LastRotation, string? NextRotation,
    string? CallerAddress, string? RequestId)
{
    public static FactsView? Of(KeyFacts facts) => facts == KeyFacts.None ? null : new(
        facts.State, Time(facts.DeletionDate), Time(facts.KeyExpires), Time(facts.CredentialExpires), facts.Rotation?.Enabled, Time(facts.Rotation?.Last), Time(facts.Rotation?.Next),
        facts.CallerAddress, facts.RequestId);

    private static string? Time(DateTimeOffset? time) => time is { } t ? AtlasTime.Format(t) : null;
}

/// <summary>A change of a verdict, as its event told it.</summary>
internal sealed record PastVerdictView(string EventId, string EventTypeName, string Created, string? CloudProvider, string? Reason, IReadOnlyDictionary<string, string> Details)
{
    public static EventFilter Filter { get; } = EventFilter.All with
    {
        EventTypes =
        [
            .. Enum.GetValues<KeyProvider>().SelectMany(p => new[] { KeyNews.KeyInvalid(p), KeyNews.KeyValid(p) }),
            KeyNews.NetworkAccessDenied, KeyNews.NetworkAccessRestored, KeyNews.ConfigNoLongerValid, KeyNews.ConfigIsValid,
        ],
    };

    public static PastVerdictView Of(ProjectEvent told) => new(
        told.Id.Value, told.Type, AtlasTime.Format(told.Created), told.Details.GetValueOrDefault(KeyNews.ProviderDetail), told.Details.GetValueOrDefault(KeyNews.ReasonDetail), told.Details);
}

/// <param name="Snapshots">Always empty: Ear takes no snapshots yet.</param>
internal sealed record ImpactView(string CloudProvider, int ClusterCount, int NodeCount, IReadOnlyList<AffectedClusterView> Clusters, IReadOnlyList<string> Snapshots)
{
    public static ImpactView Of(KeyProvider provider, IReadOnlyList<AffectedCluster> clusters)
        => new(provider.AtlasName(), clusters.Count, clusters.Sum(c => c.Nodes.Count), [.. clusters.Select(AffectedClusterView.Of)], []);
}

internal sealed record AffectedClusterView(string Name, string Id, string StateName, bool Leaving, string? DisabledSince, IReadOnlyList<AffectedNodeView> Nodes)
{
    public static AffectedClusterView Of(AffectedCluster affected) => new(
        affected.Cluster.Name.Value, affected.Cluster.Id.Value, affected.Cluster.State.ToString().ToUpperInvariant(), affected.IsLeaving,
        affected.Cluster.DisabledSince is { } since ? AtlasTime.Format(since) : null, [.. affected.Nodes.Select(AffectedNodeView.Of)]);
}

/// <param name="KeyIdentifiers">The customer keys, with the versions, that its node master keys need.</param>
internal sealed record AffectedNodeView(string Id, int Index, string? HostPort, IReadOnlyList<string> KeyIdentifiers)
{
    public static AffectedNodeView Of(AffectedNode affected) => new(
        affected.Node.Id.Value, affected.Node.Index, affected.Node.HostPort,
        [.. affected.MasterKeys.Select(k => k.KeyVersion.Length == 0 ? k.KeyIdentifier : $"{k.KeyIdentifier} ({k.KeyVersion})").Distinct().Order(StringComparer.Ordinal)]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DryRunView))]
[JsonSerializable(typeof(VerdictView))]
[JsonSerializable(typeof(PastVerdictView))]
[JsonSerializable(typeof(ImpactView))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class InsightJson : JsonSerializerContext;
