using System.Buffers.Text;
using System.Text.Json;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Google.Accounts;

/// <param name="UniqueId">Of the account as it was when the token was made.</param>
internal sealed record AccessToken(string Email, string UniqueId, string Scope, DateTimeOffset Expires);

/// <summary>Opaque tokens that hold their own facts, sealed: nothing to store, nothing to forget at a restart.</summary>
internal sealed class AccessTokens(Seal seal, ServiceClock clock)
{
    // Google says 3599: the hour began before the answer.
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(3599);

    private const string Prefix = "ya29.";
    private const string Purpose = "google-access-token";

    public string Create(ServiceAccount account, string scope)
    {
        var token = new AccessToken(account.Email, account.UniqueId, scope, clock.Now + Lifetime);
        return Prefix + Base64Url.EncodeToString(seal.Close(Purpose, JsonSerializer.SerializeToUtf8Bytes(token)));
    }

    /// <returns>null when it was not made here.</returns>
    public AccessToken? Open(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || !Base64Url.IsValid(text.AsSpan(Prefix.Length)))
            return null;
        return seal.Open(Purpose, Base64Url.DecodeFromChars(text.AsSpan(Prefix.Length))) is { } json ? JsonSerializer.Deserialize<AccessToken>(json) : null;
    }
}
