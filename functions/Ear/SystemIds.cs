using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ear;

/// <summary>Ids of a running system: seconds since 1970 (4 bytes) and 8 random bytes, so that ids sort roughly by age.</summary>
public sealed class SystemIds(TimeProvider time) : IIds
{
    public string NewHex()
    {
        Span<byte> bytes = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)time.GetUtcNow().ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(bytes[4..]);
        return Convert.ToHexStringLower(bytes);
    }

    public Guid NewGuid() => new(RandomNumberGenerator.GetBytes(16));

    public byte[] Secret(int length) => RandomNumberGenerator.GetBytes(length);

    public double NextDouble() => RandomNumberGenerator.GetInt32(1 << 30) / (double)(1 << 30);
}
