using Ear.CustomerKeys;
using Ear.Functions.Http.Requests;
using Ear.Projects;

namespace Ear.Functions.EncryptionAtRest;

/// <summary>Reads a PATCH. <c>valid</c>, which clients echo, is not looked at; an absent block and <c>{}</c> say nothing (§2.1 rules 2 and 4).</summary>
internal static class EncryptionAtRestBody
{
    private const string RoleForm = "24 lower-case hexadecimal characters";

    public static EncryptionAtRestPatch Parse(BodyFields body) => new(
        body.Object("awsKms") is { IsEmpty: false } aws ? Aws(aws) : null,
        body.Object("azureKeyVault") is { IsEmpty: false } azure ? Azure(azure) : null,
        body.Object("googleCloudKms") is { IsEmpty: false } google ? Google(google) : null,
        body.Flag("enabledForSearchNodes"));

    private static AwsKmsPatch Aws(BodyFields aws) => new(
        aws.Flag("enabled"),
        aws.Parsed<RoleId>("roleId", RoleForm),
        aws.Text("customerMasterKeyID"),
        aws.Text("region"),
        aws.Flag("requirePrivateNetworking"),
        aws.Given("accessKeyID"),
        Secret(aws, "secretAccessKey"));

    private static AzureKeyVaultPatch Azure(BodyFields azure) => new(
        azure.Flag("enabled"),
        azure.Given("azureEnvironment"),
        azure.Given("clientID"),
        azure.Given("subscriptionID"),
        azure.Given("tenantID"),
        azure.Given("resourceGroupName"),
        azure.Given("keyVaultName"),
        azure.Given("keyIdentifier"),
        azure.Parsed<RoleId>("roleId", RoleForm),
        azure.Flag("requirePrivateNetworking"),
        Secret(azure, "secret"));

    private static GoogleCloudKmsPatch Google(BodyFields google) => new(
        google.Flag("enabled"),
        google.Given("keyVersionResourceID"),
        google.Parsed<RoleId>("roleId", RoleForm),
        Secret(google, "serviceAccountKey"));

    private static SecretText? Secret(BodyFields block, string name) => block.Given(name) is { } text ? new SecretText(text) : null;
}
