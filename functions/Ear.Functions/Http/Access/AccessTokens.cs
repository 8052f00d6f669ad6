using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Http.Access;

/// <summary>
/// Access tokens of service accounts, valid in every instance and after a restart: base64url of end (8 bytes, Unix seconds), a token
/// id (12 bytes) and the client id, then '.', then base64url of HMAC-SHA256 over the first part as sent.
/// </summary>
public sealed class AccessTokens(DoorKeys keys, IIds ids, TimeProvider time, IOptions<DoorOptions> options)
{
    private const int IdBytes = 12;
    private const int HeadBytes = 8 + IdBytes;
    private const int MaxLength = 512;

    public async ValueTask<(string Token, TimeSpan Lifetime)> IssueAsync(string clientId, CancellationToken cancellation)
    {
        var lifetime = options.Value.TokenLifetime;
        var body = new byte[HeadBytes + Encoding.UTF8.GetByteCount(clientId)];
        BinaryPrimitives.WriteInt64BigEndian(body, (time.GetUtcNow() + lifetime).ToUnixTimeSeconds());
        ids.Secret(IdBytes).CopyTo(body, 8);
        Encoding.UTF8.GetBytes(clientId, body.AsSpan(HeadBytes));
        var first = Base64Url.EncodeToString(body);
        return ($"{first}.{Base64Url.EncodeToString(await MacAsync(first, cancellation))}", lifetime);
    }

    /// <summary>Null: not a token of this system, or one whose time is over. A revoked one is read like any other.</summary>
    public async ValueTask<AccessToken?> ReadAsync(string token, CancellationToken cancellation)
    {
        var dot = token.IndexOf('.');
        if (token.Length > MaxLength || dot < 0 || !Base64Url.IsValid(token.AsSpan(0, dot), out var length) || length <= HeadBytes
            || !Base64Url.IsValid(token.AsSpan(dot + 1), out var macLength) || macLength != HMACSHA256.HashSizeInBytes)
            return null;
        var mac = await MacAsync(token[..dot], cancellation);
        if (!CryptographicOperations.FixedTimeEquals(mac, Base64Url.DecodeFromChars(token.AsSpan(dot + 1))))
            return null;
        var body = Base64Url.DecodeFromChars(token.AsSpan(0, dot));
        var ends = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(body));
        return time.GetUtcNow() < ends
            ? new AccessToken(Convert.ToHexStringLower(body.AsSpan(8, IdBytes)), Encoding.UTF8.GetString(body.AsSpan(HeadBytes)), ends - options.Value.TokenLifetime, ends)
            : null;
    }

    private async ValueTask<byte[]> MacAsync(string text, CancellationToken cancellation)
        => HMACSHA256.HashData(await keys.TokenKeyAsync(cancellation), Encoding.ASCII.GetBytes(text));
}

public sealed record AccessToken(string Id, string ClientId, DateTimeOffset Issued, DateTimeOffset Ends);
