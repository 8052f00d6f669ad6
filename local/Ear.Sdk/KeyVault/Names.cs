#nullable disable

namespace Azure.Security.KeyVault.Keys;

// Words of the service, each open to new ones: as in the official package, types and not enums.

/// <summary>The service's <c>kty</c>.</summary>
public readonly record struct KeyType
{
    private readonly string _value;

    public KeyType(string value) => _value = value ?? throw new ArgumentNullException(nameof(value));

    public static KeyType Rsa => new("RSA");

    public static KeyType RsaHsm => new("RSA-HSM");

    public override string ToString() => _value;
}

/// <summary>One of the service's <c>key_ops</c>.</summary>
public readonly record struct KeyOperation
{
    private readonly string _value;

    public KeyOperation(string value) => _value = value ?? throw new ArgumentNullException(nameof(value));

    public static KeyOperation WrapKey => new("wrapKey");

    public static KeyOperation UnwrapKey => new("unwrapKey");

    public override string ToString() => _value;
}

/// <summary>What a rotation policy does.</summary>
public readonly record struct KeyRotationPolicyAction
{
    private readonly string _value;

    public KeyRotationPolicyAction(string value) => _value = value ?? throw new ArgumentNullException(nameof(value));

    public static KeyRotationPolicyAction Rotate => new("Rotate");

    public override string ToString() => _value;
}
