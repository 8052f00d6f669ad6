using System.Text.Json.Serialization;

namespace Ear.Local.Kms.Google.Accounts;

/// <summary>The JSON that Google gives out once for a service-account key, and that every SDK reads.</summary>
internal sealed record ServiceAccountKeyFile
{
    [JsonPropertyName("type")]
    public string Type { get; init; } = "service_account";

    [JsonPropertyName("project_id")]
    public required string ProjectId { get; init; }

    [JsonPropertyName("private_key_id")]
    public required string PrivateKeyId { get; init; }

    /// <summary>PKCS #8, PEM.</summary>
    [JsonPropertyName("private_key")]
    public required string PrivateKey { get; init; }

    [JsonPropertyName("client_email")]
    public required string ClientEmail { get; init; }

    [JsonPropertyName("client_id")]
    public required string ClientId { get; init; }

    [JsonPropertyName("auth_uri")]
    public string AuthUri { get; init; } = "https://accounts.google.com/o/oauth2/auth";

    /// <summary>SDKs ask here for a token; the local service puts its own address in.</summary>
    [JsonPropertyName("token_uri")]
    public required string TokenUri { get; init; }

    [JsonPropertyName("universe_domain")]
    public string UniverseDomain { get; init; } = "googleapis.com";

    public override string ToString() => $"key {PrivateKeyId} of {ClientEmail}";
}
