using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>What a PATCH of the project's configuration comes to, after all rules that need no answer of a KMS.</summary>
public abstract record KeyChange
{
    private KeyChange()
    {
    }

    /// <summary>Already so: nothing is validated, saved or announced (§2.1 rule 4).</summary>
    public sealed record None : KeyChange;

    public sealed record SearchNodesOnly : KeyChange;

    /// <summary>Off, and the details are forgotten (R16).</summary>
    public sealed record Disable : KeyChange;

    /// <summary>To be proven with the KMS before it is saved (R15).</summary>
    /// <param name="Renews">False: the same key through other credentials; its canary and its age stay.</param>
    public sealed record Configure(AwsKmsSettings Settings, bool Renews) : KeyChange;

    /// <param name="usedBy">Clusters whose data needs the current key (R34).</param>
    public static Outcome<KeyChange> Decide(Project project, EncryptionAtRestPatch patch, IReadOnlyList<string> usedBy)
    {
        if (patch.NamesNoProvider)
            return new Problem.MissingEncryptionAtRestProvider();
        if (new[] { patch.Azure, patch.Gcp }.FirstOrDefault(p => p is { WantsIt: true }) is { } other)
            return new Problem.ProviderNotSupported(other.Provider.AtlasName());
        var current = project.EncryptionAtRest;
        return DecideAws(project, patch.Aws, usedBy).Map(change =>
            change is None && patch.EnabledForSearchNodes is { } search && search != current.EnabledForSearchNodes ? new SearchNodesOnly() : change);
    }

    private static Outcome<KeyChange> DecideAws(Project project, AwsKmsPatch? patch, IReadOnlyList<string> usedBy)
    {
        var current = project.EncryptionAtRest.Aws;
        if (patch is null || (patch.Enabled is false && current is null))
            return new None();
        if (patch.Enabled is false)
            return DecideDisable(project, usedBy);
        return patch.MergeInto(current).Then(wanted => wanted == current ? new None() : DecideConfigure(project, current, wanted, usedBy));
    }

    private static Outcome<KeyChange> DecideDisable(Project project, IReadOnlyList<string> usedBy)
    {
        if (BadKey(project) is { } bad)
            return bad;
        return usedBy.Count > 0 ? new Problem.ProviderInUse(KeyProvider.Aws, usedBy) : new Disable();
    }

    private static Outcome<KeyChange> DecideConfigure(Project project, AwsKmsSettings? current, AwsKmsSettings wanted, IReadOnlyList<string> usedBy)
    {
        var renews = current is null || current.CustomerMasterKeyId != wanted.CustomerMasterKeyId || current.Region != wanted.Region;
        if (renews && current is not null)
        {
            if (BadKey(project) is { } bad)
                return bad;
            if (usedBy.Count > 0)
                return new Problem.NotRunHere("awsKms.customerMasterKeyID", $"Changing the key while clusters use it ({string.Join(", ", usedBy)})");
        }
        if (project.AwsRoles.FirstOrDefault(r => r.Id == wanted.RoleId) is not { } role)
            return new Problem.RoleNotFound(wanted.RoleId.Value);
        return role.IamAssumedRoleArn is null ? new Problem.RoleNotAuthorized(role.Id.Value) : new Configure(wanted, renews);
    }

    /// <summary>R50: no other key, and no disabling, while the current key is invalid. Other credentials remain possible.</summary>
    private static Problem.SettingsInvalid? BadKey(Project project)
        => project.EncryptionAtRest.StandingOf(KeyProvider.Aws) is { Valid: false } standing
            ? new Problem.SettingsInvalid(KeyProvider.Aws, standing.Last is KeyVerdict.Invalid invalid ? invalid.Detail : "The last check found it invalid.")
            : null;
}
