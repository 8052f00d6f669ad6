namespace Ear.Agent.Kmip;

/// <summary>Tags of KMIP 1.x that mongod's requests and our replies use (spec dataplane §3.2).</summary>
internal enum KmipTag
{
    Attribute = 0x420008,
    AttributeName = 0x42000A,
    AttributeValue = 0x42000B,
    BatchCount = 0x42000D,
    BatchErrorContinuationOption = 0x42000E,
    BatchItem = 0x42000F,
    CryptographicAlgorithm = 0x420028,
    CryptographicLength = 0x42002A,
    KeyBlock = 0x420040,
    KeyFormatType = 0x420042,
    KeyMaterial = 0x420043,
    KeyValue = 0x420045,
    KeyWrappingData = 0x420046,
    KeyWrappingSpecification = 0x420047,
    MaximumItems = 0x42004F,
    MaximumResponseSize = 0x420050,
    ObjectType = 0x420057,
    Operation = 0x42005C,
    ProtocolVersion = 0x420069,
    ProtocolVersionMajor = 0x42006A,
    ProtocolVersionMinor = 0x42006B,
    QueryFunction = 0x420074,
    RequestHeader = 0x420077,
    RequestMessage = 0x420078,
    RequestPayload = 0x420079,
    ResponseHeader = 0x42007A,
    ResponseMessage = 0x42007B,
    ResponsePayload = 0x42007C,
    ResultMessage = 0x42007D,
    ResultReason = 0x42007E,
    ResultStatus = 0x42007F,
    SymmetricKey = 0x42008F,
    TemplateAttribute = 0x420091,
    TimeStamp = 0x420092,
    UniqueBatchItemId = 0x420093,
    UniqueIdentifier = 0x420094,
    VendorIdentification = 0x42009D,
}

internal enum TtlvType : byte
{
    Structure = 1,
    Integer = 2,
    LongInteger = 3,
    BigInteger = 4,
    Enumeration = 5,
    Boolean = 6,
    TextString = 7,
    ByteString = 8,
    DateTime = 9,
    Interval = 10,
}

internal enum KmipOperation
{
    Create = 0x01,
    Register = 0x03,
    Locate = 0x08,
    Get = 0x0A,
    GetAttributes = 0x0B,
    Activate = 0x12,
    Query = 0x18,
    DiscoverVersions = 0x1E,
}

internal enum KmipReason
{
    ItemNotFound = 0x01,
    ResponseTooLarge = 0x02,
    InvalidMessage = 0x04,
    OperationNotSupported = 0x05,
    MissingData = 0x06,
    InvalidField = 0x07,
    FeatureNotSupported = 0x08,
    PermissionDenied = 0x0C,
    KeyFormatTypeNotSupported = 0x10,
    GeneralFailure = 0x100,
}

internal static class KmipValues
{
    public const int ObjectTypeSymmetricKey = 2;
    public const int AlgorithmAes = 3;
    public const int KeyFormatRaw = 1;
    public const int UsageEncryptDecrypt = 0x0C;
    public const int KeyBits = 256;
    public const int StateActive = 2;
    public const int StateDeactivated = 3;
    public const int ResultSuccess = 0;
    public const int ResultOperationFailed = 1;
    public const int BatchContinue = 1;
    public const int BatchUndo = 3;
    public const int QueryOperations = 1;
    public const int QueryObjects = 2;
    public const int QueryServerInformation = 3;
}

/// <summary>A refusal of one operation: becomes a failed batch item, the connection goes on.</summary>
internal sealed class KmipException(KmipReason reason, string message) : Exception(message)
{
    public KmipReason Reason { get; } = reason;
}

/// <summary>Bytes that are not TTLV, or not a KMIP request: answered with InvalidMessage, then the connection is closed.</summary>
internal sealed class MalformedMessageException(string message) : Exception(message);
