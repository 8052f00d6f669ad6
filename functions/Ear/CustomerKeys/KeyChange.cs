using System.Collections.Immutable;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>What a PATCH comes to for one provider, after all rules that need no answer of a KMS.</summary>
public abstract record KeyChange(KeyProvider Provider)
{
    /// <summary>Off, and the details are forgotten (R16).</summary>
    public sealed record Disable(KeyProvider Provider) : KeyChange(Provider);

    /// <summary>To be proven with the KMS before it is saved (R15).</summary>
    /// <param name="Key">As the provider is asked.</param>
    /// <param name="Renews">False: the same key through other credentials; its canary and its age stay.</param>
    public sealed record Configure(KeySettings Settings, CustomerKey Key, bool Renews) : KeyChange(Settings.Provider);

    /// <param name="usedBy">Clusters whose data needs the provider's current key (R34).</param>
    /// <returns>Null: already so; nothing is validated, saved or announced (§2.1 rule 4).</returns>
    public static Outcome<KeyChange?> Decide(Project project, KeyPatch patch, KeyPatchTerms terms, IReadOnlyList<string> usedBy)
    {
        var current = project.EncryptionAtRest.SettingsOf(patch.Provider);
        if (patch.Enabled is false)
            return current is null ? (KeyChange?)null : DecideDisable(project, patch.Provider, usedBy);
        return patch.MergeInto(current, terms).Then(wanted => wanted.Equals(current) ? (KeyChange?)null : DecideConfigure(project, current, wanted, usedBy));
    }

    private static Outcome<KeyChange?> DecideDisable(Project project, KeyProvider provider, IReadOnlyList<string> usedBy)
    {
        if (BadKey(project, provider) is { } bad)
            return bad;
        return usedBy.Count > 0 ? new Problem.ProviderInUse(provider, usedBy) : new Disable(provider);
    }

    private static Outcome<KeyChange?> DecideConfigure(Project project, KeySettings? current, KeySettings wanted, IReadOnlyList<string> usedBy)
    {
        var renews = current is null || !wanted.IsSameKeyAs(current);
        if (renews && current is not null)
        {
            if (BadKey(project, wanted.Provider) is { } bad)
                return bad;
            if (usedBy.Count > 0)
                return new Problem.NotRunHere(KeyField(wanted.Provider), $"Changing the key while clusters use it ({string.Join(", ", usedBy)})");
        }
        return wanted.KeyIn(project).Map<KeyChange?>(key => new Configure(wanted, key, renews));
    }

    private static string KeyField(KeyProvider provider) => provider switch
    {
        KeyProvider.Aws => "awsKms.customerMasterKeyID",
        KeyProvider.Azure => "azureKeyVault.keyIdentifier",
        KeyProvider.Gcp => "googleCloudKms.keyVersionResourceID",
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, null),
    };

    /// <summary>R50: no other key, and no disabling, while the current key is invalid. Other credentials remain possible.</summary>
    private static Problem.SettingsInvalid? BadKey(Project project, KeyProvider provider)
        => project.EncryptionAtRest.StandingOf(provider) is { Valid: false } standing
            ? new Problem.SettingsInvalid(provider, standing.Last is KeyVerdict.Invalid invalid ? invalid.Detail : "The last check found it invalid.")
            : null;
}

/// <summary>All that a PATCH comes to.</summary>
/// <param name="SearchNodes">Null: as it is.</param>
public sealed record KeyChanges(ImmutableArray<KeyChange> Changes, bool? SearchNodes)
{
    public bool IsNothing => Changes.IsEmpty && SearchNodes is null;

    /// <param name="usedBy">The clusters by provider, for each that the patch names.</param>
    /// <param name="terms">By provider, as <paramref name="usedBy"/>.</param>
    public static Outcome<KeyChanges> Decide(
        Project project, EncryptionAtRestPatch patch, IReadOnlyDictionary<KeyProvider, IReadOnlyList<string>> usedBy, Func<KeyProvider, KeyPatchTerms> terms)
    {
        if (patch.Named.Count == 0)
            return new Problem.MissingEncryptionAtRestProvider();
        var changes = ImmutableArray.CreateBuilder<KeyChange>();
        foreach (var named in patch.Named)
        {
            if (!KeyChange.Decide(project, named, terms(named.Provider), usedBy[named.Provider]).IsOk(out var change, out var problem))
                return problem;
            if (change is not null)
                changes.Add(change);
        }
        if (project.DemandsCustomerKeys && LeavesNone(project, changes))
            return new Problem.ComplianceDemandsProvider();
        var search = patch.EnabledForSearchNodes is { } wanted && wanted != project.EncryptionAtRest.EnabledForSearchNodes ? wanted : (bool?)null;
        return new KeyChanges(changes.ToImmutable(), search);
    }

    /// <summary>R88.</summary>
    private static bool LeavesNone(Project project, IEnumerable<KeyChange> changes)
    {
        var before = Enum.GetValues<KeyProvider>().Where(project.EncryptionAtRest.IsEnabled).ToHashSet();
        return before.Count > 0 && changes.All(c => c is KeyChange.Disable) && before.IsSubsetOf(changes.Select(c => c.Provider));
    }
}
