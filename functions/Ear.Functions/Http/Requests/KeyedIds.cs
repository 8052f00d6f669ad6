using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ear.Functions.Http.Requests;

/// <summary>
/// Ids that follow from a seed: the same seed asked in the same order gives the same ones, and nobody without the seed can tell them from random ones.
/// The n-th is the beginning of HMAC-SHA256(seed, n, block) for as many blocks as it needs.
/// </summary>
internal sealed class KeyedIds(byte[] seed) : IIds
{
    private const int HexBytes = 12;
    private uint asked;

    public string NewHex() => Convert.ToHexStringLower(Secret(HexBytes));

    public Guid NewGuid() => new(Secret(16));

    public byte[] Secret(int length)
    {
        var number = Interlocked.Increment(ref asked);
        var bytes = new byte[length];
        Span<byte> place = stackalloc byte[8];
        Span<byte> block = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt32BigEndian(place, number);
        for (var at = 0; at < length; at += block.Length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(place[4..], (uint)(at / block.Length));
            HMACSHA256.HashData(seed, place, block);
            block[..Math.Min(block.Length, length - at)].CopyTo(bytes.AsSpan(at));
        }
        return bytes;
    }

    public double NextDouble() => BinaryPrimitives.ReadUInt32BigEndian(Secret(4)) / ((double)uint.MaxValue + 1);
}
