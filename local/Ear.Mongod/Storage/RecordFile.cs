using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Ear.Mongod.Encryption;
using Ear.Mongod.Options;
using Microsoft.Win32.SafeHandles;

namespace Ear.Mongod.Storage;

/// <summary>An append-only file of records: length (4, little-endian) ‖ CRC32C (4) ‖ the record as its cipher stores it.</summary>
internal sealed class RecordFile : IDisposable
{
    private const int HeaderSize = 8;
    private const int MaxRecord = 256 << 20;
    private readonly SafeFileHandle _handle;
    private readonly IRecordCipher _cipher;
    private readonly string _name;

    private RecordFile(string path, IRecordCipher cipher, long length)
    {
        Path = path;
        _name = System.IO.Path.GetFileName(path);
        _cipher = cipher;
        Length = length;
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
    }

    public string Path { get; }

    public long Length { get; private set; }

    public static RecordFile Create(string path, IRecordCipher cipher)
    {
        if (File.Exists(path)) File.Delete(path); // left over from a crash before anything pointed to it
        return new RecordFile(path, cipher, 0);
    }

    /// <summary>Goes on behind the last whole record; what a crash left behind it is cut off.</summary>
    public static RecordFile Continue(string path, IRecordCipher cipher, long length)
    {
        var file = new RecordFile(path, cipher, length);
        RandomAccess.SetLength(file._handle, length);
        return file;
    }

    public void Append(ReadOnlySpan<byte> record)
    {
        var stored = _cipher.Seal(record, Place(_name, Length));
        var framed = new byte[HeaderSize + stored.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, stored.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(4), Crc(stored));
        stored.CopyTo(framed, HeaderSize);
        RandomAccess.Write(_handle, framed, Length);
        Length += framed.Length;
    }

    public void Flush() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();

    /// <summary>All whole records of a file.</summary>
    /// <param name="tornTailAllowed">Only the file that was written last may end inside a record: that is what kill -9 leaves. Anything else is damage, and is refused.</param>
    /// <returns>The records, and how many bytes they take.</returns>
    public static (List<byte[]> Records, long Length) ReadAll(string path, IRecordCipher cipher, bool tornTailAllowed)
    {
        var bytes = File.ReadAllBytes(path);
        var name = System.IO.Path.GetFileName(path);
        var records = new List<byte[]>();
        var at = 0;
        while (TryFrame(bytes, at, out var length, out var intact) && intact)
        {
            records.Add(Open(cipher, bytes.AsSpan(at + HeaderSize, length), name, at, path));
            at += HeaderSize + length;
        }
        if (at == bytes.Length) return (records, at);
        // A torn record is the last one: if a whole one follows, this is not a crash but a damaged disk.
        var torn = !TryFrame(bytes, at, out var bad, out _) || !TryFrame(bytes, at + HeaderSize + bad, out _, out var next) || !next;
        return tornTailAllowed && torn ? (records, at) : throw Damaged(path, at);
    }

    private static bool TryFrame(byte[] bytes, long at, out int length, out bool intact)
    {
        (length, intact) = (0, false);
        if (bytes.Length - at < HeaderSize) return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan((int)at));
        if (length is <= 0 or > MaxRecord || bytes.Length - at - HeaderSize < length) return false;
        intact = Crc(bytes.AsSpan((int)at + HeaderSize, length)) == BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)at + 4));
        return true;
    }

    private static byte[] Open(IRecordCipher cipher, ReadOnlySpan<byte> stored, string name, long at, string path)
    {
        try
        {
            return cipher.Open(stored, Place(name, at));
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new StartupException(ExitCode.PerconaDataAtRestEncryptionError, $"A record of {path} at byte {at} does not authenticate: it was changed, or belongs to another key", e);
        }
    }

    private static StartupException Damaged(string path, long at) =>
        new(ExitCode.Abrupt, $"The file {path} is damaged at byte {at}. Empty the dbPath and let this member do an initial sync, or restore a snapshot");

    private static byte[] Place(string name, long offset)
    {
        var place = new byte[name.Length + 8];
        Encoding.ASCII.GetBytes(name.AsSpan(), place);
        BinaryPrimitives.WriteInt64LittleEndian(place.AsSpan(name.Length), offset);
        return place;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
