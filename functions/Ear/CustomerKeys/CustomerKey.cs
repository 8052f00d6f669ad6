using System.Text.Json.Serialization;

namespace Ear.CustomerKeys;

/// <summary>
/// Which key, and how to reach it: what a provider needs for one call. Built from the project's configuration when the call is
/// made; holds no secret in this form (a role is assumed).
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "provider")]
[JsonDerivedType(typeof(Aws), "aws")]
public abstract record CustomerKey(KeyProvider Provider, string KeyIdentifier)
{
    /// <param name="KeyIdentifier">Key id or key ARN.</param>
    /// <param name="Region">AWS's own form: <c>us-east-1</c>.</param>
    /// <param name="RoleArn">The customer's IAM role that Ear assumes.</param>
    /// <param name="ExternalId">The external id that the role's trust policy demands.</param>
    public sealed record Aws(string KeyIdentifier, string Region, string RoleArn, string ExternalId)
        : CustomerKey(KeyProvider.Aws, KeyIdentifier);
}
