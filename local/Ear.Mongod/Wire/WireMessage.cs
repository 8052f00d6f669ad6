using System.Buffers.Binary;
using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;

namespace Ear.Mongod.Wire;

/// <summary>One message of the MongoDB wire protocol: OP_MSG, and OP_QUERY/OP_REPLY as far as an old driver's first hello needs them.</summary>
internal sealed record WireMessage(int RequestId, int ResponseTo, bool IsLegacy, uint Flags, BsonDocument Body)
{
    public const int MaxSize = 48_000_000;
    private const int OpReply = 1, OpQuery = 2004, OpMsg = 2013, HeaderSize = 16;
    private const uint ChecksumPresent = 1, MoreToCome = 2, ExhaustAllowed = 1 << 16;

    /// <summary>The sender wants no answer (an unacknowledged write).</summary>
    public bool WantsNoReply => !IsLegacy && (Flags & MoreToCome) != 0;

    /// <summary>The sender takes any number of answers to this one question: how a driver listens to hello.</summary>
    public bool TakesStream => !IsLegacy && (Flags & ExhaustAllowed) != 0 && Body.Contains("maxAwaitTimeMS") && Body.Contains("topologyVersion");

    public static async Task<WireMessage?> ReadAsync(Stream stream, CancellationToken ct)
    {
        var header = new byte[HeaderSize];
        var got = await stream.ReadAtLeastAsync(header, HeaderSize, throwOnEndOfStream: false, ct);
        if (got == 0) return null;
        if (got < HeaderSize) throw new InvalidDataException("The connection ended inside a message header");
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < HeaderSize or > MaxSize) throw new InvalidDataException($"A message of {length} bytes is outside the limits {HeaderSize}..{MaxSize}");
        var payload = new byte[length - HeaderSize];
        await stream.ReadExactlyAsync(payload, ct);
        return Parse(header, payload);
    }

    private static WireMessage Parse(byte[] header, byte[] payload)
    {
        var requestId = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
        var responseTo = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8));
        return BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12)) switch
        {
            OpMsg => new(requestId, responseTo, false, BinaryPrimitives.ReadUInt32LittleEndian(payload), ParseSections(payload)),
            OpQuery => new(requestId, responseTo, true, 0, ParseQuery(payload)),
            var other => throw new InvalidDataException($"Op code {other} is not supported: this server speaks OP_MSG"),
        };
    }

    private static BsonDocument ParseSections(byte[] payload)
    {
        var end = (BinaryPrimitives.ReadUInt32LittleEndian(payload) & ChecksumPresent) != 0 ? payload.Length - 4 : payload.Length;
        BsonDocument? body = null;
        var sequences = new List<(string Name, BsonArray Documents)>();
        for (var at = 4; at < end;)
        {
            var kind = payload[at++];
            var size = BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(at));
            if (size < 5 || at + size > end) throw new InvalidDataException("A section reaches beyond its message");
            if (kind == 0) body = ReadDocument(payload, at, size);
            else if (kind == 1) sequences.Add(ReadSequence(payload, at, size));
            else throw new InvalidDataException($"Unknown section kind {kind}");
            at += size;
        }
        if (body is null) throw new InvalidDataException("An OP_MSG must have a body section");
        foreach (var (name, documents) in sequences) body[name] = documents;
        return body;
    }

    private static (string, BsonArray) ReadSequence(byte[] payload, int at, int size)
    {
        var end = at + size;
        at += 4;
        var name = ReadCString(payload, ref at);
        var documents = new BsonArray();
        while (at < end)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(at));
            if (length < 5 || at + length > end) throw new InvalidDataException("A document reaches beyond its section");
            documents.Add(ReadDocument(payload, at, length));
            at += length;
        }
        return (name, documents);
    }

    private static BsonDocument ParseQuery(byte[] payload)
    {
        var at = 4;
        var collection = ReadCString(payload, ref at);
        at += 8;
        var body = ReadDocument(payload, at, BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(at)));
        if (body.Contains("$query")) body = body["$query"].AsBsonDocument;
        body["$db"] = collection.Split('.')[0];
        return body;
    }

    private static string ReadCString(byte[] bytes, ref int at)
    {
        var length = bytes.AsSpan(at).IndexOf((byte)0);
        if (length < 0) throw new InvalidDataException("A string in the message has no end");
        var text = System.Text.Encoding.UTF8.GetString(bytes, at, length);
        at += length + 1;
        return text;
    }

    private static BsonDocument ReadDocument(byte[] bytes, int at, int size)
    {
        using var stream = new MemoryStream(bytes, at, size, writable: false);
        using var reader = new BsonBinaryReader(stream);
        return BsonDocumentSerializer.Instance.Deserialize(BsonDeserializationContext.CreateRoot(reader));
    }

    public static byte[] Request(int requestId, BsonDocument body) => OpMsgBytes(requestId, 0, 0, body);

    public static byte[] Reply(WireMessage to, int requestId, BsonDocument body) =>
        to.IsLegacy ? LegacyReply(requestId, to.RequestId, body) : OpMsgBytes(requestId, to.RequestId, 0, body);

    /// <summary>One answer of a stream; each answers the one before.</summary>
    public static byte[] StreamedReply(int responseTo, int requestId, BsonDocument body) => OpMsgBytes(requestId, responseTo, MoreToCome, body);

    private static byte[] OpMsgBytes(int requestId, int responseTo, uint flags, BsonDocument body) =>
        Frame(requestId, responseTo, OpMsg, [(byte)flags, 0, 0, 0, 0], body);

    private static byte[] LegacyReply(int requestId, int responseTo, BsonDocument body)
    {
        Span<byte> prefix = stackalloc byte[20];
        prefix.Clear();
        prefix[0] = 8; // AwaitCapable, as every server has said since 1.6
        prefix[16] = 1; // one document
        return Frame(requestId, responseTo, OpReply, prefix, body);
    }

    private static byte[] Frame(int requestId, int responseTo, int opCode, ReadOnlySpan<byte> prefix, BsonDocument body)
    {
        var document = body.ToBson();
        var message = new byte[HeaderSize + prefix.Length + document.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), requestId);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(8), responseTo);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(12), opCode);
        prefix.CopyTo(message.AsSpan(HeaderSize));
        document.CopyTo(message.AsSpan(HeaderSize + prefix.Length));
        return message;
    }
}
