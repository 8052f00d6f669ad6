using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ear.Agent.Kmip;

/// <summary>Writes one message into a pinned buffer that is zeroed when outgrown and when disposed: it may hold a key.</summary>
internal sealed class TtlvWriter : IDisposable
{
    private byte[] buffer = GC.AllocateArray<byte>(2048, pinned: true);

    public int Position { get; private set; }

    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, Position);

    /// <summary>Opens a structure; <see cref="End"/> with the returned mark closes it.</summary>
    public int Begin(KmipTag tag)
    {
        Header(tag, TtlvType.Structure, 0);
        return Position;
    }

    public void End(int start) => BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(start - 4), Position - start);

    public void Integer(KmipTag tag, int value) => Int32(tag, TtlvType.Integer, value);

    public void Enumeration(KmipTag tag, int value) => Int32(tag, TtlvType.Enumeration, value);

    public void DateTime(KmipTag tag, DateTimeOffset value)
    {
        Header(tag, TtlvType.DateTime, 8);
        BinaryPrimitives.WriteInt64BigEndian(Room(8), value.ToUnixTimeSeconds());
    }

    public void Text(KmipTag tag, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Bytes(tag, TtlvType.TextString, bytes);
    }

    public void Bytes(KmipTag tag, ReadOnlySpan<byte> value) => Bytes(tag, TtlvType.ByteString, value);

    /// <summary>Appends items that were written elsewhere, whole.</summary>
    public void Raw(ReadOnlySpan<byte> items) => items.CopyTo(Room(items.Length));

    /// <summary>Takes back what was written since <paramref name="position"/> (an operation that was refused half-way).</summary>
    public void Truncate(int position)
    {
        CryptographicOperations.ZeroMemory(buffer.AsSpan(position, Position - position));
        Position = position;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(buffer);

    private void Int32(KmipTag tag, TtlvType type, int value)
    {
        Header(tag, type, 4);
        BinaryPrimitives.WriteInt32BigEndian(Room(8), value);
    }

    private void Bytes(KmipTag tag, TtlvType type, ReadOnlySpan<byte> value)
    {
        Header(tag, type, value.Length);
        value.CopyTo(Room((value.Length + 7) / 8 * 8));
    }

    private void Header(KmipTag tag, TtlvType type, int length)
    {
        var room = Room(TtlvItem.HeaderLength);
        BinaryPrimitives.WriteInt32BigEndian(room, ((int)tag << 8) | (byte)type);
        BinaryPrimitives.WriteInt32BigEndian(room[4..], length);
    }

    private Span<byte> Room(int count)
    {
        if (buffer.Length - Position < count)
        {
            var larger = GC.AllocateArray<byte>(Math.Max(buffer.Length * 2, Position + count), pinned: true);
            buffer.AsSpan(0, Position).CopyTo(larger);
            CryptographicOperations.ZeroMemory(buffer);
            buffer = larger;
        }

        var room = buffer.AsSpan(Position, count);
        Position += count;
        return room;
    }
}
