using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.PrivateEndpoints;

/// <summary>
/// What private networking forbids. Pure. Endpoints are "in use" as soon as one exists, in whatever state: until the last one is gone
/// the provider stays on, in private, and with the same vault.
/// </summary>
public static class PrivateNetworkRules
{
    public static bool RequirePrivate(KeySettings? settings) => settings switch
    {
        AzureKeyVaultSettings azure => azure.RequirePrivateNetworking,
        AwsKmsSettings aws => aws.RequirePrivateNetworking,
        _ => false,
    };

    /// <summary>A change of the project's key configuration (R58, R61, R69–R72).</summary>
    /// <param name="endpoints">Of the project, all.</param>
    /// <param name="clusters">Of the project, all.</param>
    public static Problem? Refused(Project project, KeyChanges changes, IReadOnlyList<PrivateEndpoint> endpoints, IReadOnlyList<Cluster> clusters)
        => changes.Changes.Select(change => Refused(project, change, [.. endpoints.Where(e => e.Provider == change.Provider)], clusters)).FirstOrDefault(p => p is not null);

    /// <summary>A new cluster, or a change of one (R61, R68, R71, R72): what it is already is not looked at again.</summary>
    public static Problem? Refused(Project project, IReadOnlyList<PrivateEndpoint> endpoints, ClusterSpec? before, ClusterSpec after)
    {
        if (after.EncryptionAtRestProvider is not { } provider || !RequirePrivate(project.EncryptionAtRest.SettingsOf(provider)))
            return null;
        var places = ClusterPlace.Of(after);
        var added = before?.EncryptionAtRestProvider == provider ? [.. places.Except(ClusterPlace.Of(before))] : places;
        if (added.Count == 0)
            return null;
        if (RefusedToStay(project, after) is { } outOfReach)
            return outOfReach;
        var ways = endpoints.Where(e => e.Provider == provider).ToList();
        var without = added.Select(p => p.Region).Where(r => !ways.Exists(e => e.RegionName == r && e.Status is PrivateEndpointStatus.Active)).ToList();
        return ways.Count > 0 && without.Count > 0 ? new Problem.NoActivePrivateEndpoint(provider, without) : null;
    }

    /// <summary>
    /// Whether a cluster may stay as it is wanted to be, should the project have changed since <see cref="Refused(Project, IReadOnlyList{PrivateEndpoint}, ClusterSpec, ClusterSpec)"/>
    /// (R71, R72). For endpoints it is not asked again: they may go, or be the first, while a cluster is there.
    /// </summary>
    public static Problem? RefusedToStay(Project project, ClusterSpec spec)
    {
        if (spec.EncryptionAtRestProvider is not { } provider || project.EncryptionAtRest.SettingsOf(provider) is not { } settings || !RequirePrivate(settings))
            return null;
        var places = ClusterPlace.Of(spec);
        return IsInReach(settings, places) ? null : new Problem.OutOfPrivateReach(provider, [.. places.Select(p => $"{p.Cloud} {p.Region}")]);
    }

    /// <summary>It has nodes where it had none: what <see cref="RefusedToStay"/> has to be asked for.</summary>
    public static bool Spreads(ClusterSpec before, ClusterSpec after) => ClusterPlace.Of(after).Except(ClusterPlace.Of(before)).Any();

    private static Problem? Refused(Project project, KeyChange change, IReadOnlyList<PrivateEndpoint> endpoints, IReadOnlyList<Cluster> clusters)
    {
        var current = project.EncryptionAtRest.SettingsOf(change.Provider);
        var wanted = (change as KeyChange.Configure)?.Settings;
        if (endpoints.Count > 0 && !RequirePrivate(wanted))
            return new Problem.PrivateEndpointsLeft(change.Provider, [.. endpoints.Select(e => e.Id.Value)]);
        if (endpoints.Count > 0 && FixedFields(current, wanted) is { Count: > 0 } changed)
            return new Problem.FixedByPrivateEndpoints(changed);
        if (!RequirePrivate(wanted))
            return null;
        var outside = clusters.Where(c => c.Spec.EncryptionAtRestProvider == change.Provider && !IsInReach(wanted!, ClusterPlace.Of(c.Spec))).Select(c => c.Name.Value).ToList();
        return outside.Count > 0 ? new Problem.OutOfPrivateReach(change.Provider, outside) : null;
    }

    /// <summary>Azure's names do not tell capitals from small letters.</summary>
    private static List<string> FixedFields(KeySettings? current, KeySettings? wanted)
    {
        if (current is not AzureKeyVaultSettings now || wanted is not AzureKeyVaultSettings next)
            return [];
        return
        [
            .. new (string Field, string Now, string Next)[]
            {
                ("subscriptionID", now.SubscriptionId, next.SubscriptionId),
                ("resourceGroupName", now.ResourceGroupName, next.ResourceGroupName),
                ("keyVaultName", now.KeyVaultName, next.KeyVaultName),
                ("keyIdentifier", Vault(now), Vault(next)),
            }.Where(f => !string.Equals(f.Now, f.Next, StringComparison.OrdinalIgnoreCase)).Select(f => $"azureKeyVault.{f.Field}"),
        ];
    }

    private static string Vault(AzureKeyVaultSettings azure) => new Uri(azure.KeyIdentifier).Authority;

    /// <summary>In the key's own cloud alone, and in one region unless the key is in several.</summary>
    private static bool IsInReach(KeySettings settings, IReadOnlyList<ClusterPlace> places)
        => places.All(p => p.Cloud == settings.Provider.AtlasName())
            && (places.Count <= 1 || settings is not AwsKmsSettings aws || aws.CustomerMasterKeyId.Split('/')[^1].StartsWith("mrk-", StringComparison.Ordinal));
}
