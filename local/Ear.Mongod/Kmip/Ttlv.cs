using System.Buffers.Binary;
using System.Text;

namespace Ear.Mongod.Kmip;

/// <summary>One tag-type-length-value of KMIP: 3 bytes tag, 1 type, 4 length (big-endian, unpadded), value padded to 8 (spec/dataplane.md §3.2).</summary>
internal sealed record Ttlv(int Tag, TtlvType Type, byte[] Value, IReadOnlyList<Ttlv> Children)
{
    public const int MaxMessage = 1 << 20;
    private const int MaxDepth = 16;

    public static Ttlv Structure(int tag, params Ttlv[] children) => new(tag, TtlvType.Structure, [], children);

    public static Ttlv Integer(int tag, int value) => new(tag, TtlvType.Integer, BigEndian(value), []);

    public static Ttlv Enumeration(int tag, int value) => new(tag, TtlvType.Enumeration, BigEndian(value), []);

    public static Ttlv Text(int tag, string value) => new(tag, TtlvType.Text, Encoding.UTF8.GetBytes(value), []);

    public static Ttlv Bytes(int tag, byte[] value) => new(tag, TtlvType.Bytes, value, []);

    public static Ttlv DateTime(int tag, DateTimeOffset value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value.ToUnixTimeSeconds());
        return new(tag, TtlvType.DateTime, bytes, []);
    }

    public int AsInteger => Value.Length == 4 ? BinaryPrimitives.ReadInt32BigEndian(Value) : throw new InvalidDataException($"KMIP item {Tag:x6} is not a 4-byte number");

    public string AsText => Encoding.UTF8.GetString(Value);

    public Ttlv? Find(int tag) => Children.FirstOrDefault(c => c.Tag == tag);

    public Ttlv Get(int tag) => Find(tag) ?? throw new InvalidDataException($"The KMIP answer lacks item {tag:x6} inside {Tag:x6}");

    public byte[] Encode()
    {
        var body = Type == TtlvType.Structure ? Children.SelectMany(c => c.Encode()).ToArray() : Value;
        var bytes = new byte[8 + Padded(body.Length)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, (Tag << 8) | (int)Type);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), body.Length);
        body.CopyTo(bytes, 8);
        return bytes;
    }

    public static Ttlv Decode(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        return Decode(bytes, ref at, 0);
    }

    private static Ttlv Decode(ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        if (depth > MaxDepth || bytes.Length - at < 8) throw new InvalidDataException("The KMIP message is malformed");
        var head = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes[(at + 4)..]);
        at += 8;
        if (length < 0 || length > bytes.Length - at) throw new InvalidDataException("A KMIP item reaches beyond its message");
        var (tag, type, end) = ((head >> 8) & 0xffffff, (TtlvType)(head & 0xff), at + length);
        if (type != TtlvType.Structure)
        {
            var value = bytes[at..end].ToArray();
            at = Math.Min(at + Padded(length), bytes.Length);
            return new(tag, type, value, []);
        }
        var children = new List<Ttlv>();
        while (at < end) children.Add(Decode(bytes[..end], ref at, depth + 1));
        return new(tag, type, [], children);
    }

    private static int Padded(int length) => (length + 7) & ~7;

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}

internal enum TtlvType
{
    Structure = 1,
    Integer = 2,
    LongInteger = 3,
    Enumeration = 5,
    Boolean = 6,
    Text = 7,
    Bytes = 8,
    DateTime = 9,
}
