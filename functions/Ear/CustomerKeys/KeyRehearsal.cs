using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>
/// Plays a PATCH of the key configuration without saving it: the same rules and the same proof by the KMS as <see cref="KeyConfiguration"/>, but each
/// provider by itself, so that a person sees all faults at once. A credential that is sent lies in <see cref="Secrets.ISecrets"/>, encrypted as all are, for the length of the call.
/// </summary>
public sealed class KeyRehearsal(KeyUse use, KeyProof proof, KeyCredentials credentials, PrivateNetworking networking)
{
    public async Task<Outcome<Rehearsal>> RehearseAsync(Project project, EncryptionAtRestPatch patch, CancellationToken cancellation)
    {
        if (patch.Named.Count == 0)
            return new Problem.MissingEncryptionAtRestProvider();
        var kept = await credentials.KeepAsync(project.Id, patch, cancellation);
        try
        {
            var usedBy = await use.OfAsync(project.Id, patch, cancellation);
            var keys = await Task.WhenAll(patch.Named.Select(named => RehearseAsync(project, named, usedBy[named.Provider], kept, cancellation)));
            // What each part may do, all of them together may not: switch the last provider off, for one.
            var whole = keys.All(k => k.Refusal is null) ? KeyChanges.Decide(project, patch, usedBy, kept.TermsOf).Problem : null;
            return new Rehearsal(keys, whole);
        }
        finally
        {
            await kept.ForgetUnusedAsync(project.EncryptionAtRest, project.EncryptionAtRest);
        }
    }

    private async Task<RehearsedKey> RehearseAsync(Project project, KeyPatch named, IReadOnlyList<string> usedBy, KeptCredentials kept, CancellationToken cancellation)
    {
        var provider = named.Provider;
        if (!KeyChange.Decide(project, named, kept.TermsOf(provider), usedBy).IsOk(out var change, out var refused))
            return new(provider, named.Enabled is false ? RehearsedChange.Disable : RehearsedChange.Configure) { Refusal = refused };
        if (change is null)
            return new(provider, RehearsedChange.None);
        var rehearsed = new RehearsedKey(provider, change is not KeyChange.Configure { Renews: var renews } ? RehearsedChange.Disable : renews ? RehearsedChange.Configure : RehearsedChange.ChangeCredentials);
        if (await networking.RefusedAsync(project, new KeyChanges([change], null), cancellation) is { } outOfReach)
            return rehearsed with { Refusal = outOfReach };
        if (change is not KeyChange.Configure configure)
            return rehearsed;
        var proven = await proof.ProveAsync(project, configure, cancellation);
        return proven.IsOk(out var done, out refused) ? rehearsed with { Facts = done.Facts } : rehearsed with { Refusal = refused };
    }
}

/// <param name="Refusal">Why the whole would be refused though each part would be taken; null otherwise.</param>
public sealed record Rehearsal(IReadOnlyList<RehearsedKey> Keys, Problem? Refusal);

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
