namespace Ear.Mongod.Kmip;

/// <summary>The four requests of a mongod, byte for byte as Percona's codec writes them: KMIP 1.0, one item, no item id (spec/kmip-vectors.txt).</summary>
internal static class KmipRequests
{
    private const int SymmetricKeyObject = 2, Aes = 3, Raw = 1, EncryptAndDecrypt = 0x0C, KeyBits = 256, MaxResponse = 8192;

    public static Ttlv Register(byte[] key, DateTimeOffset now) => Request(Operation.Register, now,
        Ttlv.Enumeration(Tags.ObjectType, SymmetricKeyObject),
        Ttlv.Structure(Tags.TemplateAttribute,
            Attribute("Cryptographic Algorithm", Ttlv.Enumeration(Tags.AttributeValue, Aes)),
            Attribute("Cryptographic Length", Ttlv.Integer(Tags.AttributeValue, KeyBits)),
            Attribute("Cryptographic Usage Mask", Ttlv.Integer(Tags.AttributeValue, EncryptAndDecrypt))),
        Ttlv.Structure(Tags.SymmetricKey, Ttlv.Structure(Tags.KeyBlock,
            Ttlv.Enumeration(Tags.KeyFormatType, Raw),
            Ttlv.Structure(Tags.KeyValue, Ttlv.Bytes(Tags.KeyMaterial, key)),
            Ttlv.Enumeration(Tags.CryptographicAlgorithm, Aes),
            Ttlv.Integer(Tags.CryptographicLength, KeyBits))));

    public static Ttlv Activate(string keyId, DateTimeOffset now) => Request(Operation.Activate, now, Ttlv.Text(Tags.UniqueIdentifier, keyId));

    public static Ttlv GetState(string keyId, DateTimeOffset now) => Request(Operation.GetAttributes, now, Ttlv.Text(Tags.UniqueIdentifier, keyId), Ttlv.Text(Tags.AttributeName, "State"));

    public static Ttlv Get(string keyId, DateTimeOffset now) => Request(Operation.Get, now, Ttlv.Text(Tags.UniqueIdentifier, keyId));

    private static Ttlv Attribute(string name, Ttlv value) => Ttlv.Structure(Tags.Attribute, Ttlv.Text(Tags.AttributeName, name), value);

    private static Ttlv Request(Operation operation, DateTimeOffset now, params Ttlv[] payload) =>
        Ttlv.Structure(Tags.RequestMessage,
            Ttlv.Structure(Tags.RequestHeader,
                Ttlv.Structure(Tags.ProtocolVersion, Ttlv.Integer(Tags.ProtocolVersionMajor, 1), Ttlv.Integer(Tags.ProtocolVersionMinor, 0)),
                Ttlv.Integer(Tags.MaximumResponseSize, MaxResponse),
                Ttlv.DateTime(Tags.TimeStamp, now),
                Ttlv.Integer(Tags.BatchCount, 1)),
            Ttlv.Structure(Tags.BatchItem,
                Ttlv.Enumeration(Tags.Operation, (int)operation),
                Ttlv.Structure(Tags.RequestPayload, payload)));
}
