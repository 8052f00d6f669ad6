namespace Ear.Agent.Kmip;

/// <summary>Request bytes in, reply bytes out; knows messages and batches, leaves each operation to <see cref="KmipOperations"/>.</summary>
internal sealed class KmipBridge(KmipOperations operations, TimeProvider time)
{
    public async Task<KmipReply> AnswerAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        KmipRequest request;
        try
        {
            request = KmipRequest.Parse(bytes);
        }
        catch (MalformedMessageException exception)
        {
            return Refuse(KmipVersion.Newest, KmipReason.InvalidMessage, exception.Message);
        }

        if (!request.Version.IsSupported)
            return Refuse(KmipVersion.Newest, KmipReason.InvalidMessage, $"KMIP {request.Version.Major}.{request.Version.Minor} is not spoken here; use 1.0 to 1.4.");
        if (request.ContinuationOption == KmipValues.BatchUndo)
            return Refuse(request.Version, KmipReason.FeatureNotSupported, "A batch cannot be undone here; use Stop or Continue.");

        var writer = new TtlvWriter();
        try
        {
            await WriteItemsAsync(request, writer, cancellation);
            if (request.MaximumResponseSize is { } limit && writer.Position > limit)
            {
                writer.Dispose();
                return Refuse(request.Version, KmipReason.ResponseTooLarge, "The reply is larger than the request allows.");
            }
        }
        catch
        {
            writer.Dispose();
            throw;
        }

        return new KmipReply(writer, Close: false);
    }

    private async Task WriteItemsAsync(KmipRequest request, TtlvWriter writer, CancellationToken cancellation)
    {
        // The header says how many items follow, which is known last when a failure stops the batch: items first, into their own writer.
        using var items = new TtlvWriter();
        var batch = new KmipBatch();
        var answered = 0;
        foreach (var item in request.Items)
        {
            var held = await WriteItemAsync(item, batch, items, cancellation);
            answered++;
            if (!held && request.ContinuationOption != KmipValues.BatchContinue)
                break;
        }

        var start = writer.Begin(KmipTag.ResponseMessage);
        WriteHeader(writer, request.Version, answered);
        writer.Raw(items.Written.Span);
        writer.End(start);
    }

    private async Task<bool> WriteItemAsync(KmipRequestItem item, KmipBatch batch, TtlvWriter writer, CancellationToken cancellation)
    {
        var start = writer.Begin(KmipTag.BatchItem);
        writer.Enumeration(KmipTag.Operation, item.Operation);
        if (item.BatchItemId is { } id)
            writer.Bytes(KmipTag.UniqueBatchItemId, id.Span);
        var beforeResult = writer.Position;
        try
        {
            writer.Enumeration(KmipTag.ResultStatus, KmipValues.ResultSuccess);
            var payload = writer.Begin(KmipTag.ResponsePayload);
            await operations.PerformAsync(item, batch, writer, cancellation);
            writer.End(payload);
            writer.End(start);
            return true;
        }
        catch (KmipException refusal)
        {
            writer.Truncate(beforeResult);
            WriteFailure(writer, refusal.Reason, refusal.Message);
            writer.End(start);
            return false;
        }
    }

    public KmipReply Refuse(KmipVersion version, KmipReason reason, string message)
    {
        var writer = new TtlvWriter();
        var start = writer.Begin(KmipTag.ResponseMessage);
        WriteHeader(writer, version, items: 1);
        var item = writer.Begin(KmipTag.BatchItem);
        WriteFailure(writer, reason, message);
        writer.End(item);
        writer.End(start);
        return new KmipReply(writer, Close: reason == KmipReason.InvalidMessage);
    }

    private void WriteHeader(TtlvWriter writer, KmipVersion version, int items)
    {
        var header = writer.Begin(KmipTag.ResponseHeader);
        version.Write(writer);
        writer.DateTime(KmipTag.TimeStamp, time.GetUtcNow());
        writer.Integer(KmipTag.BatchCount, items);
        writer.End(header);
    }

    private static void WriteFailure(TtlvWriter writer, KmipReason reason, string message)
    {
        writer.Enumeration(KmipTag.ResultStatus, KmipValues.ResultOperationFailed);
        writer.Enumeration(KmipTag.ResultReason, (int)reason);
        writer.Text(KmipTag.ResultMessage, message);
    }
}

/// <summary>Reply bytes, which may hold a key: dispose when sent.</summary>
internal sealed record KmipReply(TtlvWriter Writer, bool Close) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes => Writer.Written;

    public void Dispose() => Writer.Dispose();
}

/// <summary>What one batch carries from item to item: KMIP's ID Placeholder, so that Register and Activate fit in one message.</summary>
internal sealed class KmipBatch
{
    public string? IdPlaceholder { get; set; }
}
