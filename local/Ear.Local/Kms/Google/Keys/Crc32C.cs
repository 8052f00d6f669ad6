using System.Numerics;
using System.Runtime.InteropServices;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>CRC-32C (Castagnoli), as Cloud KMS sends it: in an int64.</summary>
internal static class Crc32C
{
    public static long Of(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in data[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
