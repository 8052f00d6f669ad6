namespace Ear.Mongod.Kmip;

/// <summary>Success, "there is no such key" and every other failure are three different answers: only the second may stop a running mongod.</summary>
internal static class KmipAnswer
{
    private const int Success = 0, ItemNotFound = 1;

    public static Ttlv? Payload(Operation operation, Ttlv message)
    {
        if (message.Tag != Tags.ResponseMessage) throw new InvalidDataException("The answer is not a KMIP response");
        if (message.Get(Tags.ResponseHeader).Get(Tags.BatchCount).AsInteger != 1) throw new InvalidDataException("The answer does not hold exactly one item");
        var item = message.Get(Tags.BatchItem);
        if (item.Get(Tags.Operation).AsInteger != (int)operation) throw new InvalidDataException("The answer is about another operation");
        if (item.Get(Tags.ResultStatus).AsInteger == Success) return item.Get(Tags.ResponsePayload);
        var reason = item.Find(Tags.ResultReason)?.AsInteger ?? 0;
        if (reason == ItemNotFound) return null;
        throw new KmipException($"{operation} failed: reason 0x{reason:x}, {item.Find(Tags.ResultMessage)?.AsText ?? "no message"}");
    }
}

/// <summary>The KMIP server could not be asked or would not say. It tells nothing about the key.</summary>
internal sealed class KmipException(string message, bool isConnect = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>No session came to be: the next server, or another attempt, may work.</summary>
    public bool IsConnect { get; } = isConnect;
}
