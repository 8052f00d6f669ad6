using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ear.CustomerKeys;

namespace Ear.Tests.Fakes;

/// <summary>
/// A key provider in memory that does what it is told: keys exist once <see cref="Create"/>d, are valid until <see cref="Say"/> says otherwise, really
/// encrypt, bind their context, and keep the versions that <see cref="Rotate"/> leaves behind. Passes CustomerKeyContract.
/// </summary>
internal sealed class FakeCustomerKey(KeyProvider provider, TimeProvider time) : ICustomerKey
{
    private const int Nonce = 12;
    private const int Tag = 16;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, FakeKey> keys = new();
    private int checks;

    public KeyProvider Provider => provider;

    /// <summary>Number of <see cref="CheckAsync"/> calls so far.</summary>
    public int Checks => checks;

    /// <summary>While true, no call is answered: each ends as unreachable after its budget.</summary>
    public bool NeverAnswers { get; set; }

    public void Create(string keyIdentifier) => keys[keyIdentifier] = new FakeKey([NewVersion()], new KeyVerdict.Valid(), KeyFacts.None);

    /// <summary>From now on this is the answer to everything about that key.</summary>
    public void Say(string keyIdentifier, KeyVerdict verdict, KeyFacts? facts = null) =>
        keys[keyIdentifier] = keys[keyIdentifier] with { Verdict = verdict, Facts = facts ?? KeyFacts.None };

    /// <summary>New wraps use a new version; what older ones wrapped stays readable.</summary>
    public void Rotate(string keyIdentifier) =>
        keys[keyIdentifier] = keys[keyIdentifier] with { Versions = [.. keys[keyIdentifier].Versions, NewVersion()] };

    public async Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
    {
        Interlocked.Increment(ref checks);
        var opened = await UnwrapAsync(key, canary, context, cancellation);
        if (opened.Value is { } plain)
            CryptographicOperations.ZeroMemory(plain);
        return new KeyCheck(opened.Verdict, keys.TryGetValue(canary.KeyIdentifier, out var found) ? found.Facts : KeyFacts.None);
    }

    public async Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
    {
        if (await RefusalAsync(key.KeyIdentifier, cancellation) is { } refusal)
            return KeyAnswer<WrappedKey>.No(refusal);
        var version = keys[key.KeyIdentifier].Versions[^1];
        var sealedBytes = new byte[Nonce + plaintext.Length + Tag];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, Nonce));
        using var aes = new AesGcm(version.Secret, Tag);
        aes.Encrypt(sealedBytes.AsSpan(0, Nonce), plaintext.Span, sealedBytes.AsSpan(Nonce, plaintext.Length), sealedBytes.AsSpan(Nonce + plaintext.Length), context.Canonical());
        return KeyAnswer<WrappedKey>.Of(new WrappedKey(provider, key.KeyIdentifier, version.Id, context.Digest(), sealedBytes));
    }

    public async Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation)
    {
        if (await RefusalAsync(wrapped.KeyIdentifier, cancellation) is { } refusal)
            return KeyAnswer<byte[]>.No(refusal);
        var version = keys[wrapped.KeyIdentifier].Versions.First(v => v.Id == wrapped.KeyVersion);
        var sealedBytes = wrapped.Ciphertext;
        var plain = new byte[sealedBytes.Length - Nonce - Tag];
        using var aes = new AesGcm(version.Secret, Tag);
        try
        {
            aes.Decrypt(sealedBytes.AsSpan(0, Nonce), sealedBytes.AsSpan(Nonce, plain.Length), sealedBytes.AsSpan(Nonce + plain.Length), plain, context.Canonical());
            return KeyAnswer<byte[]>.Of(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return KeyAnswer<byte[]>.No(new KeyVerdict.Unknown(UnknownReason.OurFault, "What was stored cannot be opened with this key and context."));
        }
    }

    private async Task<KeyVerdict?> RefusalAsync(string keyIdentifier, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (NeverAnswers)
        {
            await Task.Delay(Budget, time, cancellation);
            return new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, "no answer in time");
        }
        return !keys.TryGetValue(keyIdentifier, out var key) ? new KeyVerdict.Invalid(InvalidReason.KeyNotFound, "There is no such key.")
            : key.Verdict is KeyVerdict.Valid ? null
            : key.Verdict;
    }

    private static FakeVersion NewVersion() => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), RandomNumberGenerator.GetBytes(32));

    private sealed record FakeVersion(string Id, byte[] Secret);

    private sealed record FakeKey(IReadOnlyList<FakeVersion> Versions, KeyVerdict Verdict, KeyFacts Facts);
}
