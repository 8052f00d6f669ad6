using System.Security.Cryptography;

namespace Ear.Mongod.Encryption;

/// <summary>AES-256-GCM; a stored record is nonce (12) ‖ ciphertext ‖ tag (16).</summary>
internal sealed class GcmRecords(byte[] key, INonces nonces) : IRecordCipher, IDisposable
{
    private const int TagSize = 16;
    private readonly AesGcm _aes = new(key, TagSize);
    private readonly Lock _gate = new();

    public byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> place)
    {
        var stored = new byte[Nonces.Size + plain.Length + TagSize];
        var nonce = stored.AsSpan(0, Nonces.Size);
        nonces.Next(nonce);
        lock (_gate) _aes.Encrypt(nonce, plain, stored.AsSpan(Nonces.Size, plain.Length), stored.AsSpan(stored.Length - TagSize), place);
        return stored;
    }

    public byte[] Open(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> place)
    {
        if (stored.Length < Nonces.Size + TagSize) throw new CryptographicException("An encrypted record is too short");
        var plain = new byte[stored.Length - Nonces.Size - TagSize];
        lock (_gate) _aes.Decrypt(stored[..Nonces.Size], stored[Nonces.Size..^TagSize], stored[^TagSize..], plain, place);
        return plain;
    }

    public void Dispose() => _aes.Dispose();
}
