using System.Security.Cryptography;
using Ear.Projects;
using Ear.Secrets;

namespace Ear.CustomerKeys;

/// <summary>
/// The credentials of configurations, in <see cref="ISecrets"/>. A credential that is sent gets a name of its own before anything is
/// asked of the KMS, so the one in force stays until the new one is proven and saved.
/// </summary>
public sealed class KeyCredentials(ISecrets secrets, IIds ids, KeyAddresses addresses)
{
    /// <summary>Keeps what a PATCH brings, until <see cref="KeptCredentials.ForgetUnusedAsync"/>.</summary>
    public async Task<KeptCredentials> KeepAsync(ProjectId project, EncryptionAtRestPatch patch, CancellationToken cancellation)
    {
        var names = new Dictionary<KeyProvider, string>();
        foreach (var named in patch.Named)
        {
            names[named.Provider] = $"customer-keys/{project}/{ids.NewHex()}";
            if (named.Secret is { } secret)
                await PutAsync(names[named.Provider], secret, cancellation);
        }
        return new KeptCredentials(secrets, names, addresses);
    }

    private async Task PutAsync(string name, SecretText secret, CancellationToken cancellation)
    {
        var bytes = secret.ToUtf8();
        try
        {
            await secrets.PutAsync(name, bytes, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}

/// <summary>
/// Forgotten is only what a project that was read or saved for certain does not name. Where a save ended without an answer nothing is: a credential that
/// nothing names stays in the store, encrypted as all are, which is harmless; a project that names one that does not exist could open nothing any more.
/// </summary>
public sealed class KeptCredentials(ISecrets secrets, IReadOnlyDictionary<KeyProvider, string> names, KeyAddresses addresses)
{
    public KeyPatchTerms TermsOf(KeyProvider provider) => new(names[provider], addresses);

    /// <param name="before">As it was read; what it named and the one in force does not is over.</param>
    /// <param name="inForce">As it was saved; <paramref name="before"/> where nothing was.</param>
    public async Task ForgetUnusedAsync(EncryptionAtRest before, EncryptionAtRest inForce)
    {
        foreach (var name in names.Values.Concat(UsedBy(before)).Except(UsedBy(inForce)))
            await secrets.DeleteAsync(name, CancellationToken.None);
    }

    private static IEnumerable<string> UsedBy(EncryptionAtRest configuration)
        => Enum.GetValues<KeyProvider>().Select(p => configuration.SettingsOf(p)?.UsedSecret).OfType<string>();
}
