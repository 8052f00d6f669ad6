namespace Ear.Mongod.Kmip;

/// <summary>The KMIP tags a mongod uses (spec/dataplane.md §3.2).</summary>
internal static class Tags
{
    public const int Attribute = 0x420008;
    public const int AttributeName = 0x42000A;
    public const int AttributeValue = 0x42000B;
    public const int BatchCount = 0x42000D;
    public const int BatchItem = 0x42000F;
    public const int CryptographicAlgorithm = 0x420028;
    public const int CryptographicLength = 0x42002A;
    public const int KeyBlock = 0x420040;
    public const int KeyFormatType = 0x420042;
    public const int KeyMaterial = 0x420043;
    public const int KeyValue = 0x420045;
    public const int KeyWrappingData = 0x420046;
    public const int MaximumResponseSize = 0x420050;
    public const int ObjectType = 0x420057;
    public const int Operation = 0x42005C;
    public const int ProtocolVersion = 0x420069;
    public const int ProtocolVersionMajor = 0x42006A;
    public const int ProtocolVersionMinor = 0x42006B;
    public const int RequestHeader = 0x420077;
    public const int RequestMessage = 0x420078;
    public const int RequestPayload = 0x420079;
    public const int ResponseHeader = 0x42007A;
    public const int ResponseMessage = 0x42007B;
    public const int ResponsePayload = 0x42007C;
    public const int ResultMessage = 0x42007D;
    public const int ResultReason = 0x42007E;
    public const int ResultStatus = 0x42007F;
    public const int SymmetricKey = 0x42008F;
    public const int TemplateAttribute = 0x420091;
    public const int TimeStamp = 0x420092;
    public const int UniqueIdentifier = 0x420094;
}

internal enum Operation
{
    Register = 0x03,
    Get = 0x0A,
    GetAttributes = 0x0B,
    Activate = 0x12,
}

/// <summary>The state of a managed key. Only <see cref="Active"/> lets a mongod run.</summary>
internal enum KeyState
{
    PreActive = 1,
    Active = 2,
    Deactivated = 3,
    Compromised = 4,
    Destroyed = 5,
    DestroyedCompromised = 6,
}
