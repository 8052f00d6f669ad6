#nullable disable

namespace Azure.Security.KeyVault.Keys.Cryptography;

/// <summary>The service's <c>alg</c>.</summary>
public readonly record struct KeyWrapAlgorithm
{
    private readonly string _value;

    public KeyWrapAlgorithm(string value) => _value = value ?? throw new ArgumentNullException(nameof(value));

    public static KeyWrapAlgorithm RsaOaep256 => new("RSA-OAEP-256");

    public override string ToString() => _value;
}
