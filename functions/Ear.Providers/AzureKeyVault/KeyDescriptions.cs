using System.Xml;
using Azure.Security.KeyVault.Keys;
using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.AzureKeyVault;

/// <summary>What a vault tells people about a key. Explains; never decides. Each part needs a permission that a customer may not have given; it is left out then.</summary>
internal sealed class KeyDescriptions(VaultCalls vault, TimeProvider time)
{
    /// <summary>Of a key that was refused with <paramref name="verdict"/>.</summary>
    /// <returns>null when nothing was told.</returns>
    public Task<AzureDescription?> OfRefusedAsync(RoutedKey key, VaultKeyName at, KeyVerdict verdict, KmsBudget budget) =>
        verdict switch
        {
            KeyVerdict.Invalid { Reason: InvalidReason.KeyNotFound } => OfMissingAsync(key, at, budget),
            KeyVerdict.Invalid { Reason: InvalidReason.KeyDeletedOrPendingDeletion } => OfDeletedAsync(key, at, budget),
            _ => OfAsync(key, at, at.Version, budget),
        };

    /// <summary>Of a key that works, its rotation with it.</summary>
    /// <returns>null when the vault could not be asked: to be asked again soon.</returns>
    public async Task<KeyFacts?> OfWorkingAsync(RoutedKey key, VaultKeyName at, KmsBudget budget)
    {
        var read = await vault.ReadAsync(key, at, (client, stop) => client.GetKeyAsync(at.Name, at.Version, stop), budget);
        if (read.Failure is { Verdict: KeyVerdict.Unknown })
            return null;
        var facts = read.Value is { } found ? Facts(AzureDescription.Of(found.Value)) : KeyFacts.None;
        return facts with { Rotation = await RotationAsync(key, at, budget) };
    }

    public KeyFacts Facts(AzureDescription described) => new(described.State(time.GetUtcNow()), described.PurgeDate) { KeyExpires = described.Expires };

    private async Task<AzureDescription?> OfAsync(RoutedKey key, VaultKeyName at, string? version, KmsBudget budget) =>
        (await vault.ReadAsync(key, at, (client, stop) => client.GetKeyAsync(at.Name, version, stop), budget)).Value is { } read ? AzureDescription.Of(read.Value) : null;

    private async Task<AzureDescription?> OfMissingAsync(RoutedKey key, VaultKeyName at, KmsBudget budget)
    {
        if (await OfDeletedAsync(key, at, budget) is { } deleted)
            return deleted;
        return await OfAsync(key, at, version: null, budget) is null ? null : new AzureDescription { OtherVersionExists = true };
    }

    private async Task<AzureDescription?> OfDeletedAsync(RoutedKey key, VaultKeyName at, KmsBudget budget) =>
        (await vault.ReadAsync(key, at, (client, stop) => client.GetDeletedKeyAsync(at.Name, stop), budget)).Value is { Value: var found }
            ? new AzureDescription { Deleted = true, PurgeDate = found.ScheduledPurgeDate }
            : null;

    private async Task<KeyRotation?> RotationAsync(RoutedKey key, VaultKeyName at, KmsBudget budget)
    {
        var read = await vault.ReadAsync(key, at, (client, stop) => client.GetKeyRotationPolicyAsync(at.Name, stop), budget);
        if (read.Value is not { Value: var policy })
            return null;
        // The service's word for it is Rotate; releases of it have written it in lower case.
        if (policy.LifetimeActions.FirstOrDefault(a => string.Equals(a.Action.ToString(), KeyRotationPolicyAction.Rotate.ToString(), StringComparison.OrdinalIgnoreCase)) is not { } action)
            return new KeyRotation(Enabled: false);
        // Rotation makes new versions; the configured one stays as it is. The newest was made by the last rotation.
        var newest = await OfAsync(key, at, version: null, budget);
        return new KeyRotation(Enabled: true, newest?.Created, Next(action, newest));
    }

    private static DateTimeOffset? Next(KeyRotationLifetimeAction action, AzureDescription? newest) =>
        Period(action.TimeAfterCreate) is { } after ? newest?.Created + after
        : Period(action.TimeBeforeExpiry) is { } before ? newest?.Expires - before
        : null;

    /// <summary>ISO 8601, as <c>P90D</c>. A month counts 30 days and a year 365: near enough for people.</summary>
    private static TimeSpan? Period(string? duration)
    {
        try
        {
            return string.IsNullOrEmpty(duration) ? null : XmlConvert.ToTimeSpan(duration);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }
}
