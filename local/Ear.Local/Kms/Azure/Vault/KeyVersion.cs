using System.Text.Json.Serialization;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>The public half as a JSON web key has it, base64url: n and e, or crv, x and y.</summary>
internal sealed record PublicKey(string? N, string? E, string? Crv, string? X, string? Y);

/// <param name="Id">32 hexadecimal characters.</param>
/// <param name="Kty">RSA, RSA-HSM, EC or EC-HSM.</param>
/// <param name="Sealed">PKCS#8 under the file key.</param>
internal sealed record KeyVersion(string Id, string Kty, PublicKey Public, byte[] Sealed, DateTimeOffset Created)
{
    public required DateTimeOffset Updated { get; init; }

    public required IReadOnlyList<string> Operations { get; init; }

    public bool Enabled { get; init; } = true;

    /// <summary>Whole seconds, as on the wire.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    [JsonIgnore]
    public bool IsRsa => Kty.StartsWith("RSA", StringComparison.Ordinal);

    public KeyVersion With(KeyChange change, DateTimeOffset now) => this with
    {
        Enabled = change.Enabled ?? Enabled,
        NotBefore = change.NotBefore ?? NotBefore,
        Expires = change.Expires ?? Expires,
        Operations = change.Operations ?? Operations,
        Tags = change.Tags ?? Tags,
        Updated = now,
    };
}

/// <summary>What PATCH may change; null leaves it as it is.</summary>
internal sealed record KeyChange
{
    public bool? Enabled { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public IReadOnlyList<string>? Operations { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}
