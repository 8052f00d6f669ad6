using System.Text.Json.Serialization;

namespace Ear.CustomerKeys;

/// <summary>
/// Which key, and how to reach it: what a provider needs for one call. Built from the project's configuration when the call is
/// made. Holds no secret: a credential is named, and the provider takes it from <see cref="Secrets.ISecrets"/> when it needs it.
/// A credential that changes gets another name, so equal keys are reached by equal means.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "provider")]
[JsonDerivedType(typeof(Aws), "aws")]
[JsonDerivedType(typeof(Azure), "azure")]
[JsonDerivedType(typeof(Gcp), "gcp")]
public abstract record CustomerKey(KeyProvider Provider, string KeyIdentifier)
{
    /// <param name="KeyIdentifier">Key id or key ARN.</param>
    /// <param name="Region">AWS's own form: <c>us-east-1</c>.</param>
    public sealed record Aws(string KeyIdentifier, string Region, AwsAccess Access) : CustomerKey(KeyProvider.Aws, KeyIdentifier);

    /// <param name="KeyIdentifier">With its version: <c>https://{vault}.vault.azure.net/keys/{name}/{32 hexadecimal characters}</c>.</param>
    /// <param name="TenantId">The customer's Entra tenant, a uuid.</param>
    public sealed record Azure(string KeyIdentifier, AzureEnvironment Environment, string TenantId, AzureAccess Access) : CustomerKey(KeyProvider.Azure, KeyIdentifier)
    {
        /// <summary>Resource id of its vault, which is called through the project's private endpoints as soon as one is ACTIVE; null: by its public address.</summary>
        public string? PrivateTarget { get; init; }
    }

    /// <param name="KeyIdentifier">With its version: <c>projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N</c>.</param>
    public sealed record Gcp(string KeyIdentifier, GcpAccess Access) : CustomerKey(KeyProvider.Gcp, KeyIdentifier);
}

/// <summary>How Ear may use a key in AWS KMS.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "by")]
[JsonDerivedType(typeof(Role), "role")]
[JsonDerivedType(typeof(AccessKey), "accessKey")]
public abstract record AwsAccess
{
    private AwsAccess()
    {
    }

    /// <param name="RoleArn">The customer's IAM role that Ear assumes.</param>
    /// <param name="ExternalId">The external id that the role's trust policy demands.</param>
    public sealed record Role(string RoleArn, string ExternalId) : AwsAccess;

    /// <summary>The customer's own access key: an old form, used where it is configured and refused for new configurations (R17).</summary>
    /// <param name="SecretName">Of the secret access key in <see cref="Secrets.ISecrets"/>, UTF-8.</param>
    public sealed record AccessKey(string AccessKeyId, string SecretName) : AwsAccess;
}

/// <summary>Which of Azure's clouds: each has its own login and vault addresses.</summary>
public enum AzureEnvironment
{
    Azure,
    AzureChina,
    AzureUsGovernment,
}

/// <summary>How Ear may use a key in Azure Key Vault.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "by")]
[JsonDerivedType(typeof(ClientSecret), "clientSecret")]
[JsonDerivedType(typeof(ServicePrincipal), "servicePrincipal")]
public abstract record AzureAccess
{
    private AzureAccess()
    {
    }

    /// <param name="ClientId">The customer's application, a uuid.</param>
    /// <param name="SecretName">Of its client secret in <see cref="Secrets.ISecrets"/>, UTF-8.</param>
    public sealed record ClientSecret(string ClientId, string SecretName) : AzureAccess;

    /// <summary>Without a secret: Ear's own application, for which the customer made a service principal in the tenant (R18).</summary>
    /// <param name="AppId">Ear's application as the role names it (<c>atlasAzureAppId</c>), a uuid.</param>
    public sealed record ServicePrincipal(string AppId) : AzureAccess;
}

/// <summary>How Ear may use a key in Google Cloud KMS.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "by")]
[JsonDerivedType(typeof(ServiceAccountKey), "serviceAccountKey")]
[JsonDerivedType(typeof(ServiceAccount), "serviceAccount")]
public abstract record GcpAccess
{
    private GcpAccess()
    {
    }

    /// <param name="SecretName">Of the customer's service-account key in <see cref="Secrets.ISecrets"/>: Google's JSON document, UTF-8.</param>
    public sealed record ServiceAccountKey(string SecretName) : GcpAccess;

    /// <summary>Without a key: Ear's own service account, which the customer let use the key (R20).</summary>
    public sealed record ServiceAccount(string Email) : GcpAccess;
}
