namespace Ear.Local.Kms.Google.Accounts;

/// <param name="PublicKey">SubjectPublicKeyInfo; the private half is in the key file only, as with Google.</param>
internal sealed record ServiceAccountKey(string Id, byte[] PublicKey);

/// <param name="UniqueId">21 digits; an account that is made again under the same name has another one.</param>
internal sealed record ServiceAccount(string Email, string UniqueId, string ProjectId, bool Disabled, IReadOnlyList<ServiceAccountKey> Keys);
