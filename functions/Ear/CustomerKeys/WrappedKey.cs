namespace Ear.CustomerKeys;

/// <summary>
/// A small secret (a node master key, a canary) as only the customer's key can open it. Never deleted or overwritten while
/// something needs it (I4).
/// </summary>
/// <param name="KeyIdentifier">The key that wrapped it, as the provider names it in full (AWS: key ARN).</param>
/// <param name="KeyVersion">The version or key material that was used, where the provider tells; else empty.</param>
/// <param name="ContextDigest">Digest of the <see cref="KeyContext"/> it is bound to.</param>
/// <param name="Ciphertext">Opaque to everybody but the provider.</param>
public sealed record WrappedKey(KeyProvider Provider, string KeyIdentifier, string KeyVersion, string ContextDigest, byte[] Ciphertext);
