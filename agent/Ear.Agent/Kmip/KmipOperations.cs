using Ear.Agent.Keys;

namespace Ear.Agent.Kmip;

/// <summary>
/// What a key manager does for mongod (spec dataplane §3.1), as thin as that: keys are AES-256, born active, never revoked or destroyed here.
/// The state mongod polls is the control plane's verdict on the customer key, so revoking that key takes mongod down, and an outage does not.
/// </summary>
internal sealed class KmipOperations(INodeKeys keys)
{
    private static readonly KmipOperation[] Supported =
    [
        KmipOperation.Create, KmipOperation.Register, KmipOperation.Locate, KmipOperation.Get,
        KmipOperation.GetAttributes, KmipOperation.Activate, KmipOperation.Query, KmipOperation.DiscoverVersions,
    ];

    private readonly KmipAttributes attributes = new(keys);

    /// <summary>Writes the response payload of one item, or throws the refusal.</summary>
    public Task PerformAsync(KmipRequestItem item, KmipBatch batch, TtlvWriter reply, CancellationToken cancellation) =>
        (KmipOperation)item.Operation switch
        {
            KmipOperation.Create => CreateAsync(item.Payload, batch, reply, cancellation),
            KmipOperation.Register => RegisterAsync(item.Payload, batch, reply, cancellation),
            KmipOperation.Activate => ActivateAsync(IdOf(item.Payload, batch), reply, cancellation),
            KmipOperation.GetAttributes => attributes.GetAsync(IdOf(item.Payload, batch), item.Payload, reply, cancellation),
            KmipOperation.Get => GetAsync(IdOf(item.Payload, batch), item.Payload, reply, cancellation),
            KmipOperation.Locate => attributes.LocateAsync(item.Payload, reply, cancellation),
            KmipOperation.Query => Query(item.Payload, reply),
            KmipOperation.DiscoverVersions => DiscoverVersions(item.Payload, reply),
            _ => throw new KmipException(KmipReason.OperationNotSupported, $"Operation {item.Operation} is not supported."),
        };

    private async Task CreateAsync(TtlvItem payload, KmipBatch batch, TtlvWriter reply, CancellationToken cancellation)
    {
        RequireSymmetricKey(payload);
        KmipAttributes.RequireAes256(payload.Require(KmipTag.TemplateAttribute));
        using var key = SecretBytes.Random(KmipValues.KeyBits / 8);
        var id = await StoreAsync(key.Memory, cancellation);
        batch.IdPlaceholder = id;
        reply.Enumeration(KmipTag.ObjectType, KmipValues.ObjectTypeSymmetricKey);
        reply.Text(KmipTag.UniqueIdentifier, id);
    }

    private async Task RegisterAsync(TtlvItem payload, KmipBatch batch, TtlvWriter reply, CancellationToken cancellation)
    {
        RequireSymmetricKey(payload);
        var block = payload.Require(KmipTag.SymmetricKey).Require(KmipTag.KeyBlock);
        if (block.Require(KmipTag.KeyFormatType).Int32() != KmipValues.KeyFormatRaw)
            throw new KmipException(KmipReason.KeyFormatTypeNotSupported, "Only raw key bytes can be registered.");
        if (block.Find(KmipTag.KeyWrappingData) is not null)
            throw new KmipException(KmipReason.FeatureNotSupported, "Wrapped keys cannot be registered.");
        if (payload.Find(KmipTag.TemplateAttribute) is { } template)
            KmipAttributes.RequireAes256(template);
        // The material lies in the connection's buffer, which is zeroed after the reply.
        var material = block.Require(KmipTag.KeyValue).Require(KmipTag.KeyMaterial).Bytes();
        if (material.Length != KmipValues.KeyBits / 8)
            throw new KmipException(KmipReason.InvalidField, $"A node master key is {KmipValues.KeyBits / 8} bytes, this one has {material.Length}.");
        var id = await StoreAsync(material, cancellation);
        batch.IdPlaceholder = id;
        reply.Text(KmipTag.UniqueIdentifier, id);
    }

    private async Task<string> StoreAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation) =>
        await keys.RegisterAsync(key, cancellation) switch
        {
            KeyRegistration.Stored stored => stored.KeyId,
            KeyRegistration.Invalid => throw new KmipException(KmipReason.PermissionDenied, "The customer key does not allow wrapping a new node key."),
            KeyRegistration.Unavailable unavailable => throw new KmipException(KmipReason.GeneralFailure, unavailable.Why),
            _ => throw new InvalidOperationException("unknown registration result"),
        };

    // Keys are born active, so this only confirms; a repeated Activate (its first answer was lost) is confirmed again.
    private async Task ActivateAsync(string id, TtlvWriter reply, CancellationToken cancellation)
    {
        switch (await keys.StateAsync(id, cancellation))
        {
            case KeyState.NeverRegistered:
                throw NotFound(id);
            case KeyState.Deactivated:
                throw new KmipException(KmipReason.PermissionDenied, "The customer key is not valid.");
            case KeyState.Unknown:
                throw Unanswerable();
            default:
                reply.Text(KmipTag.UniqueIdentifier, id);
                break;
        }
    }

    private async Task GetAsync(string id, TtlvItem payload, TtlvWriter reply, CancellationToken cancellation)
    {
        if (payload.Find(KmipTag.KeyFormatType) is { } format && format.Int32() != KmipValues.KeyFormatRaw)
            throw new KmipException(KmipReason.KeyFormatTypeNotSupported, "Keys are only given out as raw bytes.");
        if (payload.Find(KmipTag.KeyWrappingSpecification) is not null)
            throw new KmipException(KmipReason.FeatureNotSupported, "Keys are not given out wrapped.");
        switch (await keys.UnwrapAsync(id, cancellation))
        {
            case KeyReading.Read { Key: var key }:
                using (key)
                {
                    WriteKey(id, key, reply);
                }

                break;
            case KeyReading.Invalid:
                throw new KmipException(KmipReason.PermissionDenied, "The customer key is not valid.");
            case KeyReading.NeverRegistered:
                throw NotFound(id);
            case KeyReading.Unavailable unavailable:
                throw new KmipException(KmipReason.GeneralFailure, unavailable.Why);
            default:
                throw new InvalidOperationException("unknown key reading");
        }
    }

    private static void WriteKey(string id, SecretBytes key, TtlvWriter reply)
    {
        reply.Enumeration(KmipTag.ObjectType, KmipValues.ObjectTypeSymmetricKey);
        reply.Text(KmipTag.UniqueIdentifier, id);
        var symmetricKey = reply.Begin(KmipTag.SymmetricKey);
        var block = reply.Begin(KmipTag.KeyBlock);
        reply.Enumeration(KmipTag.KeyFormatType, KmipValues.KeyFormatRaw);
        var value = reply.Begin(KmipTag.KeyValue);
        reply.Bytes(KmipTag.KeyMaterial, key.Span);
        reply.End(value);
        reply.Enumeration(KmipTag.CryptographicAlgorithm, KmipValues.AlgorithmAes);
        reply.Integer(KmipTag.CryptographicLength, key.Length * 8);
        reply.End(block);
        reply.End(symmetricKey);
    }

    private static Task Query(TtlvItem payload, TtlvWriter reply)
    {
        var asked = payload.Children().Where(child => child.Tag == KmipTag.QueryFunction).Select(child => child.Int32()).ToHashSet();
        if (asked.Contains(KmipValues.QueryOperations))
        {
            foreach (var operation in Supported)
            {
                reply.Enumeration(KmipTag.Operation, (int)operation);
            }
        }

        if (asked.Contains(KmipValues.QueryObjects))
            reply.Enumeration(KmipTag.ObjectType, KmipValues.ObjectTypeSymmetricKey);
        if (asked.Contains(KmipValues.QueryServerInformation))
            reply.Text(KmipTag.VendorIdentification, "Ear node agent");
        return Task.CompletedTask;
    }

    private static Task DiscoverVersions(TtlvItem payload, TtlvWriter reply)
    {
        var asked = payload.Children().Where(child => child.Tag == KmipTag.ProtocolVersion).Select(KmipVersion.From).ToList();
        var common = asked.Count == 0 ? KmipVersion.Supported : asked.Where(version => version.IsSupported);
        foreach (var version in common)
        {
            version.Write(reply);
        }

        return Task.CompletedTask;
    }

    private static string IdOf(TtlvItem payload, KmipBatch batch) =>
        payload.Find(KmipTag.UniqueIdentifier)?.Text() ?? batch.IdPlaceholder
        ?? throw new KmipException(KmipReason.MissingData, "The request names no key: Unique Identifier is missing.");

    private static void RequireSymmetricKey(TtlvItem payload)
    {
        if (payload.Require(KmipTag.ObjectType).Int32() != KmipValues.ObjectTypeSymmetricKey)
            throw new KmipException(KmipReason.InvalidField, "Only symmetric keys are kept here.");
    }

    internal static KmipException NotFound(string id) => new(KmipReason.ItemNotFound, $"This node never registered a key '{id}'.");

    internal static KmipException Unanswerable() => new(KmipReason.GeneralFailure, "The state of the customer key is not known now; ask again.");
}
