using Ear.Agent.Kmip;

namespace Ear.Agent.Tests.Kmip;

/// <summary>Request bytes as a client would send them.</summary>
internal static class Requests
{
    public static byte[] Message(KmipVersion version, params (KmipOperation Operation, Action<TtlvWriter> Payload)[] items) =>
        Message(version, null, null, items);

    public static byte[] Message(KmipVersion version, int? continuation, int? maximumResponseSize, params (KmipOperation Operation, Action<TtlvWriter> Payload)[] items)
    {
        using var writer = new TtlvWriter();
        var message = writer.Begin(KmipTag.RequestMessage);
        var header = writer.Begin(KmipTag.RequestHeader);
        version.Write(writer);
        if (maximumResponseSize is { } size)
            writer.Integer(KmipTag.MaximumResponseSize, size);
        if (continuation is { } option)
            writer.Enumeration(KmipTag.BatchErrorContinuationOption, option);
        writer.Integer(KmipTag.BatchCount, items.Length);
        writer.End(header);
        for (var index = 0; index < items.Length; index++)
        {
            var item = writer.Begin(KmipTag.BatchItem);
            writer.Enumeration(KmipTag.Operation, (int)items[index].Operation);
            if (items.Length > 1)
                writer.Bytes(KmipTag.UniqueBatchItemId, [(byte)index]);
            var payload = writer.Begin(KmipTag.RequestPayload);
            items[index].Payload(writer);
            writer.End(payload);
            writer.End(item);
        }

        writer.End(message);
        return writer.Written.ToArray();
    }

    public static Action<TtlvWriter> Id(string id) => writer => writer.Text(KmipTag.UniqueIdentifier, id);

    public static Action<TtlvWriter> StateOf(string id) => writer =>
    {
        writer.Text(KmipTag.UniqueIdentifier, id);
        writer.Text(KmipTag.AttributeName, "State");
    };

    public static Action<TtlvWriter> Register(byte[] key) => writer =>
    {
        writer.Enumeration(KmipTag.ObjectType, KmipValues.ObjectTypeSymmetricKey);
        writer.End(writer.Begin(KmipTag.TemplateAttribute));
        var symmetricKey = writer.Begin(KmipTag.SymmetricKey);
        var block = writer.Begin(KmipTag.KeyBlock);
        writer.Enumeration(KmipTag.KeyFormatType, KmipValues.KeyFormatRaw);
        var value = writer.Begin(KmipTag.KeyValue);
        writer.Bytes(KmipTag.KeyMaterial, key);
        writer.End(value);
        writer.End(block);
        writer.End(symmetricKey);
    };

    public static Action<TtlvWriter> Create(int bits) => writer =>
    {
        writer.Enumeration(KmipTag.ObjectType, KmipValues.ObjectTypeSymmetricKey);
        var template = writer.Begin(KmipTag.TemplateAttribute);
        Attribute(writer, "Cryptographic Algorithm", value => value.Enumeration(KmipTag.AttributeValue, KmipValues.AlgorithmAes));
        Attribute(writer, "Cryptographic Length", value => value.Integer(KmipTag.AttributeValue, bits));
        writer.End(template);
    };

    public static void Attribute(TtlvWriter writer, string name, Action<TtlvWriter> value)
    {
        var attribute = writer.Begin(KmipTag.Attribute);
        writer.Text(KmipTag.AttributeName, name);
        value(writer);
        writer.End(attribute);
    }
}

/// <summary>A reply, read as Percona's decoder reads it.</summary>
internal sealed class Reply
{
    private readonly TtlvItem message;

    public Reply(ReadOnlyMemory<byte> bytes)
    {
        message = TtlvItem.Parse(bytes.ToArray());
        Assert.Equal(KmipTag.ResponseMessage, message.Tag);
        var header = message.Require(KmipTag.ResponseHeader);
        Version = KmipVersion.From(header.Require(KmipTag.ProtocolVersion));
        Assert.Equal(TtlvType.DateTime, header.Require(KmipTag.TimeStamp).Type);
        Items = [.. message.Children().Where(child => child.Tag == KmipTag.BatchItem)];
        Assert.Equal(Items.Count, header.Require(KmipTag.BatchCount).Int32());
    }

    public KmipVersion Version { get; }

    public IReadOnlyList<TtlvItem> Items { get; }

    public TtlvItem Only => Assert.Single(Items);

    public static TtlvItem Succeeded(TtlvItem item, KmipOperation operation)
    {
        Assert.Equal((int)operation, item.Require(KmipTag.Operation).Int32());
        Assert.True(item.Find(KmipTag.ResultReason) is null, item.Find(KmipTag.ResultMessage)?.Text());
        Assert.Equal(KmipValues.ResultSuccess, item.Require(KmipTag.ResultStatus).Int32());
        return item.Require(KmipTag.ResponsePayload);
    }

    public static void Failed(TtlvItem item, KmipOperation operation, KmipReason reason)
    {
        Assert.Equal((int)operation, item.Require(KmipTag.Operation).Int32());
        Assert.Equal(KmipValues.ResultOperationFailed, item.Require(KmipTag.ResultStatus).Int32());
        Assert.Equal((int)reason, item.Require(KmipTag.ResultReason).Int32());
        Assert.NotEmpty(item.Require(KmipTag.ResultMessage).Text());
        Assert.Null(item.Find(KmipTag.ResponsePayload));
    }
}
