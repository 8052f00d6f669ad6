namespace Ear.Agent.Kmip;

internal sealed record KmipVersion(int Major, int Minor)
{
    /// <summary>Newest first, as DiscoverVersions lists them. mongod speaks 1.0 (Percona) or 1.2 (Enterprise); 2.x it never does.</summary>
    public static readonly IReadOnlyList<KmipVersion> Supported = [new(1, 4), new(1, 3), new(1, 2), new(1, 1), new(1, 0)];

    public static KmipVersion Newest => Supported[0];

    public bool IsSupported => Supported.Contains(this);

    public static KmipVersion From(TtlvItem item) =>
        new(item.Require(KmipTag.ProtocolVersionMajor).Int32(), item.Require(KmipTag.ProtocolVersionMinor).Int32());

    public void Write(TtlvWriter writer)
    {
        var start = writer.Begin(KmipTag.ProtocolVersion);
        writer.Integer(KmipTag.ProtocolVersionMajor, Major);
        writer.Integer(KmipTag.ProtocolVersionMinor, Minor);
        writer.End(start);
    }
}

internal readonly record struct KmipRequestItem(int Operation, ReadOnlyMemory<byte>? BatchItemId, TtlvItem Payload);

/// <summary>A request message with its envelope checked; the payloads are each operation's own business.</summary>
internal sealed record KmipRequest(KmipVersion Version, int? MaximumResponseSize, int? ContinuationOption, IReadOnlyList<KmipRequestItem> Items)
{
    // mongod sends one; the specification's own examples send three.
    private const int MaxItems = 16;

    public static KmipRequest Parse(ReadOnlyMemory<byte> bytes)
    {
        var message = TtlvItem.Parse(bytes);
        if (message.Tag != KmipTag.RequestMessage)
            throw new MalformedMessageException("The message is not a KMIP request.");
        try
        {
            return FromMessage(message);
        }
        catch (KmipException exception)
        {
            // An envelope we cannot read leaves nobody to answer item by item.
            throw new MalformedMessageException(exception.Message);
        }
    }

    private static KmipRequest FromMessage(TtlvItem message)
    {
        var header = message.Require(KmipTag.RequestHeader);
        var items = message.Children().Where(child => child.Tag == KmipTag.BatchItem).ToList();
        var count = header.Require(KmipTag.BatchCount).Int32();
        if (items.Count == 0 || items.Count != count)
            throw new MalformedMessageException($"The header announces {count} batch items, the message holds {items.Count}.");
        if (items.Count > MaxItems)
            throw new MalformedMessageException($"A message may hold at most {MaxItems} batch items.");
        if (items.Count > 1 && items.Any(item => item.Find(KmipTag.UniqueBatchItemId) is null))
            throw new MalformedMessageException("Each of several batch items needs a Unique Batch Item ID.");
        return new KmipRequest(
            KmipVersion.From(header.Require(KmipTag.ProtocolVersion)),
            header.Find(KmipTag.MaximumResponseSize)?.Int32(),
            header.Find(KmipTag.BatchErrorContinuationOption)?.Int32(),
            [.. items.Select(Item)]);
    }

    private static KmipRequestItem Item(TtlvItem item) => new(
        item.Require(KmipTag.Operation).Int32(),
        item.Find(KmipTag.UniqueBatchItemId)?.Bytes(),
        item.Require(KmipTag.RequestPayload));
}
