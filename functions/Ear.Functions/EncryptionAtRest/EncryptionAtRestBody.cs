using Ear.CustomerKeys;
using Ear.Functions.Http.Requests;
using Ear.Projects;

namespace Ear.Functions.EncryptionAtRest;

/// <summary>Reads a PATCH. <c>valid</c>, which clients echo, is not looked at; an absent block and <c>{}</c> say nothing (§2.1 rules 2 and 4).</summary>
internal static class EncryptionAtRestBody
{
    public static EncryptionAtRestPatch Parse(BodyFields body) => new(
        body.Object("awsKms") is { IsEmpty: false } aws ? Aws(aws) : null,
        Other(body, "azureKeyVault", KeyProvider.Azure),
        Other(body, "googleCloudKms", KeyProvider.Gcp),
        body.Flag("enabledForSearchNodes"));

    private static AwsKmsPatch Aws(BodyFields aws) => new(
        aws.Flag("enabled"),
        aws.Parsed<RoleId>("roleId", "24 lower-case hexadecimal characters"),
        aws.Text("customerMasterKeyID"),
        aws.Text("region"),
        aws.Flag("requirePrivateNetworking"),
        aws.Has("accessKeyID") || aws.Has("secretAccessKey"));

    private static OtherProviderPatch? Other(BodyFields body, string block, KeyProvider provider)
        => body.Object(block) is { IsEmpty: false } other ? new OtherProviderPatch(provider, other.Flag("enabled")) : null;
}
