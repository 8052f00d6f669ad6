using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Http.Access;

/// <summary>
/// Nonces that prove by themselves when Ear made them: base64url of 8 bytes time (Unix milliseconds), 8 random bytes, and the first
/// 16 bytes of HMAC-SHA256 over both. Nothing is kept for a nonce that is only given out, so unauthenticated first tries cost nothing.
/// </summary>
public sealed class DigestNonces(DoorKeys keys, IIds ids, TimeProvider time, IOptions<DoorOptions> options)
{
    private const int SignedBytes = 16;
    private const int MacBytes = 16;
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);

    public async ValueTask<string> MakeAsync(CancellationToken cancellation)
    {
        var nonce = new byte[SignedBytes + MacBytes];
        BinaryPrimitives.WriteInt64BigEndian(nonce, time.GetUtcNow().ToUnixTimeMilliseconds());
        ids.Secret(8).CopyTo(nonce, 8);
        Mac(await keys.NonceKeyAsync(cancellation), nonce.AsSpan(0, SignedBytes), nonce.AsSpan(SignedBytes));
        return Base64Url.EncodeToString(nonce);
    }

    /// <summary>When Ear made it; null when Ear did not make it.</summary>
    public async ValueTask<DateTimeOffset?> MadeAtAsync(string nonce, CancellationToken cancellation)
    {
        var key = await keys.NonceKeyAsync(cancellation);
        Span<byte> bytes = stackalloc byte[SignedBytes + MacBytes];
        Span<byte> mac = stackalloc byte[MacBytes];
        if (!Base64Url.IsValid(nonce, out var length) || length != bytes.Length || !Base64Url.TryDecodeFromChars(nonce, bytes, out _))
            return null;
        Mac(key, bytes[..SignedBytes], mac);
        return CryptographicOperations.FixedTimeEquals(mac, bytes[SignedBytes..])
            ? DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes))
            : null;
    }

    /// <summary>A minute into the future is taken too: another instance's clock may be ahead of this one's.</summary>
    public bool IsFresh(DateTimeOffset madeAt)
    {
        var age = time.GetUtcNow() - madeAt;
        return age <= options.Value.NonceLifetime && age >= -ClockSlack;
    }

    private static void Mac(byte[] key, ReadOnlySpan<byte> signed, Span<byte> mac)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, signed, full);
        full[..MacBytes].CopyTo(mac);
    }
}
