using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Clusters;

/// <summary>Whether a cluster may go from one key provider, or none, to another, or none (R8, R32, R50, R88).</summary>
internal static class ClusterEncryptionRules
{
    public static Problem? Refused(Project project, ClusterName name, KeyProvider? from, KeyProvider? to)
    {
        if (to is null && project.DemandsCustomerKeys)
            return new Problem.ComplianceDemandsEncryption(name.Value);
        if (from == to)
            return null;
        if (from is { } before && to is { } after)
            return new Problem.CannotChangeProvider(name.Value, before, after);
        if (to is { } wanted && !project.EncryptionAtRest.IsEnabled(wanted))
            return new Problem.EncryptionAtRestNotEnabled(wanted);
        var provider = (to ?? from)!.Value;
        return project.EncryptionAtRest.StandingOf(provider) is { Valid: false } standing
            ? new Problem.SettingsInvalid(provider, standing.Last is KeyVerdict.Invalid invalid ? invalid.Detail : "the last check found it invalid")
            : null;
    }

    /// <summary>Whether it may stay as it is wanted to be, should the project have changed since <see cref="Refused"/>. How the key stands is not asked again: a wish waits for it.</summary>
    public static Problem? RefusedToStay(Project project, ClusterName name, KeyProvider? provider)
    {
        if (provider is null)
            return project.DemandsCustomerKeys ? new Problem.ComplianceDemandsEncryption(name.Value) : null;
        return project.EncryptionAtRest.IsEnabled(provider.Value) ? null : new Problem.EncryptionAtRestNotEnabled(provider.Value);
    }
}
