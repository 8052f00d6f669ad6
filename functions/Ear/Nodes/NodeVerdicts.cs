using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.Nodes;

/// <summary>What a node is told about the key of its data (<see cref="NodeGoal.Verdict"/>).</summary>
public static class NodeVerdicts
{
    /// <summary>
    /// Invalid only when a scheduled check has ordered the shut-down: a suspicion, or the no of an on-demand check, must not let an
    /// agent's bridge say Deactivated (C11). A shut-down holds through later unknown answers until a certain yes.
    /// </summary>
    public static GoalVerdict Of(KeyStanding? standing) => standing switch
    {
        { ShutDownSince: not null } => GoalVerdict.Invalid,
        { Valid: true, Last: KeyVerdict.Valid } => GoalVerdict.Valid,
        _ => GoalVerdict.Unreachable,
    };

    public static GoalVerdict Of(Project? project, KeyProvider? provider)
        => provider is { } named ? Of(project?.EncryptionAtRest.StandingOf(named)) : GoalVerdict.None;

    /// <summary>Whose key the data files need; null for plain files. A node that is changing needs the key of the files that it has, or will have.</summary>
    /// <param name="wanted">The cluster's provider, for files whose master key is not known yet.</param>
    public static KeyProvider? ProviderOf(Node node, KeyProvider? wanted)
    {
        if (node.Goal.Encryption is EncryptionMode.None && node.Report?.Encryption is null or EncryptionMode.None)
            return null;
        return FilesOf(node, wanted) ?? wanted;
    }

    /// <summary>Whose key encrypts the files that the node has, as far as it has reported; null for plain files, and where neither a key nor a wish exists, hence nothing encrypted.</summary>
    public static KeyProvider? FilesOf(Node node, KeyProvider? wanted)
    {
        if ((node.Report?.Encryption ?? node.Goal.Encryption) is EncryptionMode.None)
            return null;
        return node.Report?.MasterKeyId is { } id && node.MasterKeys.TryGetValue(id, out var wrapped)
            ? wrapped.Provider
            : node.MasterKeys.Values.FirstOrDefault()?.Provider ?? wanted;
    }
}
