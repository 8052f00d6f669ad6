using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Ear.Mongod.Options;
using Ear.Mongod.Storage;

namespace Ear.Mongod.Encryption;

internal interface INonces
{
    /// <summary>Fills 12 bytes that were never used before under the same key.</summary>
    void Next(Span<byte> nonce);
}

/// <summary>For the few records under the master key itself: 96 random bits.</summary>
internal sealed class RandomNonces : INonces
{
    public void Next(Span<byte> nonce) => RandomNumberGenerator.Fill(nonce);
}

/// <summary>
/// One counter for all database keys of a dbPath. Numbers are taken in blocks whose end is on disk before the first is used:
/// if we die, the rest of the block is skipped, never used twice. The 4 leading bytes are random for each process, so that two
/// servers that both go on from one copied dbPath do not meet either.
/// </summary>
internal sealed class Nonces : INonces
{
    public const int Size = 12;
    private const long Block = 4096;
    private readonly Lock _gate = new();
    private readonly byte[] _process = RandomNumberGenerator.GetBytes(4);
    private readonly string _path;
    private long _next;
    private long _reserved;

    private Nonces(string path, long reserved) => (_path, _next, _reserved) = (path, reserved, reserved);

    public static Nonces Create(string path)
    {
        AtomicFile.Write(path, "0"u8);
        return new Nonces(path, 0);
    }

    public static Nonces Open(string path)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var reserved)
            ? new Nonces(path, reserved)
            : throw new StartupException(ExitCode.PerconaDataAtRestEncryptionError,
                $"The encryption counter {path} is missing or damaged. Going on could repeat a nonce: empty the dbPath and let this member do an initial sync");
    }

    public void Next(Span<byte> nonce)
    {
        _process.CopyTo(nonce);
        lock (_gate)
        {
            if (_next == _reserved)
            {
                AtomicFile.Write(_path, System.Text.Encoding.ASCII.GetBytes((_reserved + Block).ToString(CultureInfo.InvariantCulture)));
                _reserved += Block;
            }
            BinaryPrimitives.WriteInt64BigEndian(nonce[4..], _next++);
        }
    }
}
