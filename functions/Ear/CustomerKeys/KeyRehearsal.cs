using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>
/// Plays a PATCH of the key configuration without saving it: the same rules and the same proof by the KMS as <see cref="KeyConfiguration"/>, but each
/// provider by itself, so that a person sees all faults at once. A credential that is sent lies in <see cref="Secrets.ISecrets"/>, encrypted as all are, for the length of the call.
/// </summary>
public sealed class KeyRehearsal(KeyUse use, KeyProof proof, KeyCredentials credentials)
{
    public async Task<Outcome<IReadOnlyList<RehearsedKey>>> RehearseAsync(Project project, EncryptionAtRestPatch patch, CancellationToken cancellation)
    {
        if (patch.Named.Count == 0)
            return new Problem.MissingEncryptionAtRestProvider();
        var kept = await credentials.KeepAsync(project.Id, patch, cancellation);
        try
        {
            return await Task.WhenAll(patch.Named.Select(named => RehearseAsync(project, named, kept, cancellation)));
        }
        finally
        {
            await kept.ForgetUnusedAsync(project.EncryptionAtRest, project.EncryptionAtRest);
        }
    }

    private async Task<RehearsedKey> RehearseAsync(Project project, KeyPatch named, KeptCredentials kept, CancellationToken cancellation)
    {
        var provider = named.Provider;
        var usedBy = await use.ClustersUsingAsync(project.Id, provider, cancellation);
        if (!KeyChange.Decide(project, named, kept.TermsOf(provider), usedBy).IsOk(out var change, out var refused))
            return new(provider, named.Enabled is false ? RehearsedChange.Disable : RehearsedChange.Configure) { Refusal = refused };
        if (change is not KeyChange.Configure configure)
            return new(provider, change is null ? RehearsedChange.None : RehearsedChange.Disable);
        var live = configure.Renews ? null : project.EncryptionAtRest.StandingOf(provider)?.Canary;
        var proven = await proof.ProveAsync(project.Id, configure.Key, live, cancellation);
        var rehearsed = new RehearsedKey(provider, configure.Renews ? RehearsedChange.Configure : RehearsedChange.ChangeCredentials);
        return proven.IsOk(out var done, out refused) ? rehearsed with { Facts = done.Facts } : rehearsed with { Refusal = refused };
    }
}

/// <summary>What a PATCH would do to one provider.</summary>
public enum RehearsedChange
{
    None,
    Configure,

    /// <summary>The same key, reached in another way.</summary>
    ChangeCredentials,
    Disable,
}

public sealed record RehearsedKey(KeyProvider Provider, RehearsedChange Change)
{
    /// <summary>Why it would be refused; null when it would be taken.</summary>
    public Problem? Refusal { get; init; }

    /// <summary>What the proof learnt.</summary>
    public KeyFacts Facts { get; init; } = KeyFacts.None;
}
