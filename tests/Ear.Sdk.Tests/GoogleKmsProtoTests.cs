using Ear.Sdk.Tests.PublicApi;
using Google.Cloud.Kms.V1;
using Google.Protobuf.Reflection;

namespace Ear.Sdk.Tests;

/// <summary>
/// Google.Cloud.Kms.V1 is only generated here: from a .proto with Google's package, names and numbers, Grpc.Tools makes the members that the official package
/// has, and the same bytes on the wire. The lists are Google's (spec kms §1.3).
/// </summary>
public sealed class GoogleKmsProtoTests
{
    public static TheoryData<string, string> Messages => new()
    {
        { "EncryptRequest", "1 name:String 2 plaintext:Bytes 3 additional_authenticated_data:Bytes 7 plaintext_crc32c:Int64Value 8 additional_authenticated_data_crc32c:Int64Value" },
        { "EncryptResponse", "1 name:String 2 ciphertext:Bytes 4 ciphertext_crc32c:Int64Value 5 verified_plaintext_crc32c:Bool 6 verified_additional_authenticated_data_crc32c:Bool 7 protection_level:ProtectionLevel" },
        { "DecryptRequest", "1 name:String 2 ciphertext:Bytes 3 additional_authenticated_data:Bytes 5 ciphertext_crc32c:Int64Value 6 additional_authenticated_data_crc32c:Int64Value" },
        { "DecryptResponse", "1 plaintext:Bytes 2 plaintext_crc32c:Int64Value 3 used_primary:Bool 4 protection_level:ProtectionLevel" },
        { "GetCryptoKeyRequest", "1 name:String" },
        { "GetCryptoKeyVersionRequest", "1 name:String" },
        { "CryptoKey", "1 name:String 2 primary:CryptoKeyVersion 3 purpose:CryptoKeyPurpose 5 create_time:Timestamp 7 next_rotation_time:Timestamp 8 rotation_period:Duration 10 labels:LabelsEntry 11 version_template:CryptoKeyVersionTemplate 13 import_only:Bool 14 destroy_scheduled_duration:Duration 15 crypto_key_backend:String" },
        { "CryptoKeyVersion", "1 name:String 3 state:CryptoKeyVersionState 4 create_time:Timestamp 5 destroy_time:Timestamp 6 destroy_event_time:Timestamp 7 protection_level:ProtectionLevel 10 algorithm:CryptoKeyVersionAlgorithm 11 generate_time:Timestamp 14 import_job:String 15 import_time:Timestamp 16 import_failure_reason:String 18 reimport_eligible:Bool 19 generation_failure_reason:String 20 external_destruction_failure_reason:String" },
    };

    private static FileDescriptor File => KmsReflection.Descriptor;

    [Theory]
    [MemberData(nameof(Messages))]
    public void Each_message_has_googles_fields_and_numbers(string message, string fields) =>
        Assert.Equal(fields, string.Join(' ', File.FindTypeByName<MessageDescriptor>(message).Fields.InFieldNumberOrder().Select(f => $"{f.FieldNumber} {f.Name}:{TypeOf(f)}")));

    [Fact]
    public void States_and_purposes_have_googles_numbers()
    {
        Assert.Equal(
            "CRYPTO_KEY_VERSION_STATE_UNSPECIFIED ENABLED DISABLED DESTROYED DESTROY_SCHEDULED PENDING_GENERATION PENDING_IMPORT IMPORT_FAILED GENERATION_FAILED PENDING_EXTERNAL_DESTRUCTION EXTERNAL_DESTRUCTION_FAILED",
            string.Join(' ', CryptoKeyVersion.Descriptor.EnumTypes.Single(e => e.Name == "CryptoKeyVersionState").Values.OrderBy(v => v.Number).Select((v, i) => i == v.Number ? v.Name : $"{v.Name}={v.Number}")));
        Assert.Equal(
            "0 CRYPTO_KEY_PURPOSE_UNSPECIFIED 1 ENCRYPT_DECRYPT 5 ASYMMETRIC_SIGN 6 ASYMMETRIC_DECRYPT 7 RAW_ENCRYPT_DECRYPT 9 MAC 10 KEY_ENCAPSULATION 11 AES_WRAPPING",
            string.Join(' ', CryptoKey.Descriptor.EnumTypes.Single(e => e.Name == "CryptoKeyPurpose").Values.OrderBy(v => v.Number).Select(v => $"{v.Number} {v.Name}")));
    }

    [Fact]
    public void The_service_has_googles_name_and_the_rpcs_that_ear_calls()
    {
        var service = KeyManagementService.Descriptor;

        Assert.Equal("google.cloud.kms.v1.KeyManagementService", service.FullName);
        foreach (var (rpc, input, output) in new[]
        {
            ("Encrypt", "EncryptRequest", "EncryptResponse"), ("Decrypt", "DecryptRequest", "DecryptResponse"),
            ("GetCryptoKey", "GetCryptoKeyRequest", "CryptoKey"), ("GetCryptoKeyVersion", "GetCryptoKeyVersionRequest", "CryptoKeyVersion"),
        })
            Assert.Equal((input, output), (service.FindMethodByName(rpc).InputType.Name, service.FindMethodByName(rpc).OutputType.Name));
    }

    [Fact]
    public void Nothing_in_that_namespace_is_written_by_hand()
    {
        var messages = File.MessageTypes.SelectMany(m => m.NestedTypes.Prepend(m)).Select(m => m.ClrType).OfType<Type>().ToHashSet();
        var enums = File.EnumTypes.Concat(File.MessageTypes.SelectMany(m => m.EnumTypes)).Select(e => e.ClrType).ToHashSet();

        var others = PublicApiRenderer.Visible(typeof(CryptoKey).Assembly)
            .Where(t => t.Namespace == "Google.Cloud.Kms.V1" && !messages.Contains(t) && !enums.Contains(t) && !(t.IsNested && messages.Contains(t.DeclaringType!)))
            .Select(t => t.Name);

        Assert.Equal(["KeyManagementService", "KeyManagementServiceBase", "KeyManagementServiceClient", "KmsReflection"], others.Order(StringComparer.Ordinal));
    }

    private static string TypeOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.Name,
        FieldType.Enum => field.EnumType.Name,
        var scalar => scalar.ToString(),
    };
}
