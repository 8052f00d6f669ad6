#nullable disable

namespace Azure.Security.KeyVault.Keys.Cryptography;

public class WrapResult
{
    internal WrapResult()
    {
    }

    /// <summary>The key with the version that the service used.</summary>
    public string KeyId { get; internal set; }

    public byte[] EncryptedKey { get; internal set; }
}

public class UnwrapResult
{
    internal UnwrapResult()
    {
    }

    public string KeyId { get; internal set; }

    public byte[] Key { get; internal set; }
}
