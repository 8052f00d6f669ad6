using Ear.Local.Kms.Azure;
using Ear.Local.Kms.Google;

namespace Ear.Local.Kms;

/// <summary>What a person or tool needs to use the local KMSs; the document that <c>ear kms --json</c> prints.</summary>
internal sealed record LocalKmsAddress(LocalAwsAddress Aws, AzureAddress Azure, LocalGoogleAddress Google, string Control);

/// <param name="Endpoint">Serves KMS, STS and IAM.</param>
/// <param name="AccessKeyId">Of the customer's administrator, who may do everything in the customer's account.</param>
/// <param name="RoleArn">A role that exists from the start; it trusts Ear and the administrator, with <paramref name="ExternalId"/>.</param>
internal sealed record LocalAwsAddress(string Endpoint, string Region, string AccessKeyId, string SecretAccessKey, string RoleArn, string ExternalId)
{
    public override string ToString() => $"{Endpoint} {Region} {AccessKeyId}";
}
