using System.Buffers.Binary;
using System.Numerics;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>CRC-32C (Castagnoli) as Cloud KMS sends it along: an unsigned number in 64 bits.</summary>
internal static class Crc32C
{
    public static long Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
