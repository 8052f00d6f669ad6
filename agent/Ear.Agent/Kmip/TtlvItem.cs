using System.Buffers.Binary;
using System.Text;

namespace Ear.Agent.Kmip;

/// <summary>One tag-type-length-value item over the bytes it came in: nothing is copied, so zeroing the buffer removes the key.</summary>
internal readonly record struct TtlvItem(KmipTag Tag, TtlvType Type, ReadOnlyMemory<byte> Value)
{
    public const int HeaderLength = 8;

    // KMIP requests nest 7 deep at most; a limit keeps hostile input from recursing far.
    private const int MaxDepth = 16;

    /// <summary>Reads exactly one item that fills <paramref name="bytes"/>, and checks everything inside it.</summary>
    public static TtlvItem Parse(ReadOnlyMemory<byte> bytes)
    {
        var item = ReadAt(bytes, 0, out var next);
        if (next != bytes.Length)
            throw new MalformedMessageException($"{bytes.Length - next} bytes follow the message.");
        item.Check(depth: 0);
        return item;
    }

    /// <summary>Length of the value as a message header announces it, not yet trusted.</summary>
    public static uint LengthIn(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32BigEndian(header[4..]);

    public List<TtlvItem> Children()
    {
        var children = new List<TtlvItem>();
        if (Type != TtlvType.Structure)
            throw new KmipException(KmipReason.InvalidMessage, $"{Tag} must be a structure.");
        for (var at = 0; at < Value.Length;)
        {
            children.Add(ReadAt(Value, at, out at));
        }

        return children;
    }

    public TtlvItem? Find(KmipTag tag)
    {
        foreach (var child in Children())
        {
            if (child.Tag == tag)
                return child;
        }

        return null;
    }

    public TtlvItem Require(KmipTag tag) =>
        Find(tag) ?? throw new KmipException(KmipReason.MissingData, $"{Tag} lacks {tag}.");

    public int Int32() => Type is TtlvType.Integer or TtlvType.Enumeration
        ? BinaryPrimitives.ReadInt32BigEndian(Value.Span)
        : throw WrongType("an integer or enumeration");

    public string Text() => Type == TtlvType.TextString ? Encoding.UTF8.GetString(Value.Span) : throw WrongType("a text string");

    public ReadOnlyMemory<byte> Bytes() => Type == TtlvType.ByteString ? Value : throw WrongType("a byte string");

    private KmipException WrongType(string wanted) => new(KmipReason.InvalidField, $"{Tag} must be {wanted}.");

    private void Check(int depth)
    {
        if (depth > MaxDepth)
            throw new MalformedMessageException($"Structures nest deeper than {MaxDepth}.");
        if (Type == TtlvType.Structure)
        {
            foreach (var child in Children())
            {
                child.Check(depth + 1);
            }
        }
    }

    private static TtlvItem ReadAt(ReadOnlyMemory<byte> bytes, int at, out int next)
    {
        var rest = bytes.Span[at..];
        if (rest.Length < HeaderLength)
            throw new MalformedMessageException("An item header is cut off.");
        var tag = (KmipTag)((rest[0] << 16) | (rest[1] << 8) | rest[2]);
        var type = (TtlvType)rest[3];
        var length = LengthIn(rest);
        // Compared before any arithmetic in int: a length near 2^32 must not wrap.
        if (length > (uint)(rest.Length - HeaderLength))
            throw new MalformedMessageException("An item is longer than what holds it.");
        if (!LengthFits(type, length))
            throw new MalformedMessageException($"Type {(int)type} cannot be {length} bytes long.");
        var padded = ((int)length + 7) / 8 * 8;
        if (padded > rest.Length - HeaderLength)
            throw new MalformedMessageException("An item lacks its padding.");
        next = at + HeaderLength + padded;
        return new TtlvItem(tag, type, bytes.Slice(at + HeaderLength, (int)length));
    }

    private static bool LengthFits(TtlvType type, uint length) => type switch
    {
        TtlvType.Integer or TtlvType.Enumeration or TtlvType.Interval => length == 4,
        TtlvType.LongInteger or TtlvType.Boolean or TtlvType.DateTime => length == 8,
        TtlvType.BigInteger or TtlvType.Structure => length % 8 == 0,
        TtlvType.TextString or TtlvType.ByteString => true,
        _ => false,
    };

    /// <summary>Never the value: it may be a key.</summary>
    public override string ToString() => $"{Tag} ({Type}, {Value.Length} bytes)";
}
