using System.Security.Cryptography;

namespace Ear.Agent.Keys;

/// <summary>Plaintext key bytes for the length of one request: pinned so that the collector leaves no copies behind, zeroed when disposed.</summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] bytes;

    public SecretBytes(int length) => bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);

    public SecretBytes(ReadOnlySpan<byte> source) : this(source.Length) => source.CopyTo(bytes);

    public int Length => bytes.Length;

    public Memory<byte> Memory => bytes;

    public Span<byte> Span => bytes;

    public static SecretBytes Random(int length)
    {
        var secret = new SecretBytes(length);
        RandomNumberGenerator.Fill(secret.Span);
        return secret;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);

    /// <summary>Never the bytes: this may end up in a log line.</summary>
    public override string ToString() => $"secret of {bytes.Length} bytes";
}
