using Ear.Alerts;
using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

/// <summary>What the world is told when a standing changes (R37, R95–R97): a function of before and after, so that it is told on the edge only.</summary>
public static class KeyNews
{
    public const string NetworkAccessDenied = "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED";
    public const string NetworkAccessRestored = "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_RESTORED";

    /// <summary>The clusters are being shut down: it names them, and the mail to the owners is made from it (R42).</summary>
    public const string ConfigNoLongerValid = "ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID";
    public const string ConfigIsValid = "ENCRYPTION_AT_REST_CONFIG_IS_VALID";
    public const string ValidationFailed = "ENCRYPTION_AT_REST_CONFIGURATION_VALIDATION_FAILED";
    public const string ValidationSucceeded = "ENCRYPTION_AT_REST_CONFIGURATION_VALIDATION_SUCCEEDED";

    /// <summary>Names of the clusters that are shut down, separated by commas.</summary>
    public const string ClustersDetail = "clusters";
    public const string ProviderDetail = "provider";
    public const string ReasonDetail = "reason";

    public static string KeyInvalid(KeyProvider provider) => $"{provider.AtlasName()}_ENCRYPTION_KEY_INVALID";

    public static string KeyValid(KeyProvider provider) => $"{provider.AtlasName()}_ENCRYPTION_KEY_VALID";

    public static string KeyRotated(KeyProvider provider) => $"{provider.AtlasName()}_ENCRYPTION_KEY_ROTATED";

    /// <param name="clusters">Those that the key's shut-down stops; only asked for when it is ordered.</param>
    public static IReadOnlyList<ProjectEvent> Of(ProjectId project, KeyProvider provider, KeyStanding before, KeyStanding after, IReadOnlyList<string> clusters)
    {
        var types = new List<string>();
        if (before.NetworkAccessDenied != after.NetworkAccessDenied)
            types.Add(after.NetworkAccessDenied ? NetworkAccessDenied : NetworkAccessRestored);
        if (before.Valid && !after.Valid)
            types.AddRange([KeyInvalid(provider), ValidationFailed]);
        if (before.ShutDownSince is null && after.ShutDownSince is not null)
            types.Add(ConfigNoLongerValid);
        if (before.ShutDownSince is not null && after.ShutDownSince is null)
            types.Add(ConfigIsValid);
        if (!before.Valid && after.Valid)
            types.AddRange([KeyValid(provider), ValidationSucceeded]);
        return [.. types.Select(t => Event(project, provider, t, after, t is ConfigNoLongerValid ? clusters : []))];
    }

    /// <summary>The id of the event that told of this shut-down; its alert has the same one.</summary>
    public static EventId ShutDownEvent(ProjectId project, KeyProvider provider, DateTimeOffset shutDownSince)
        => CausedEvents.Of(project, ConfigNoLongerValid, Cause(provider, shutDownSince), shutDownSince).Id;

    private static ProjectEvent Event(ProjectId project, KeyProvider provider, string type, KeyStanding after, IReadOnlyList<string> clusters)
    {
        var details = new List<(string, string)> { (ProviderDetail, provider.AtlasName()) };
        if (after.Last is KeyVerdict.Invalid invalid)
            details.AddRange([(ReasonDetail, invalid.Reason.ToString()), ("detail", invalid.Detail)]);
        if (after.Last is KeyVerdict.Unknown unknown)
            details.AddRange([(ReasonDetail, unknown.Reason.ToString()), ("detail", unknown.Detail)]);
        details.AddRange(Facts(after.Facts));
        if (clusters.Count > 0)
            details.Add((ClustersDetail, string.Join(',', clusters)));
        return CausedEvents.Of(project, type, Cause(provider, after.ShutDownSince ?? after.ChangedAt), after.ChangedAt, details);
    }

    /// <summary>What helps the person who has to mend it.</summary>
    private static IEnumerable<(string, string)> Facts(KeyFacts facts)
    {
        if (facts.State is { } state)
            yield return ("keyState", state);
        if (facts.DeletionDate is { } deletion)
            yield return ("recoverableUntil", $"{deletion:O}");
        if (facts.KeyExpires is { } expires)
            yield return ("keyExpires", $"{expires:O}");
        if (facts.CallerAddress is { } address)
            yield return ("callerAddress", address);
        if (facts.RequestId is { } request)
            yield return ("providerRequestId", request);
    }

    private static string Cause(KeyProvider provider, DateTimeOffset at) => $"{provider.AtlasName()}/{at.UtcTicks}";
}
