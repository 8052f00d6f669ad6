using System.Collections.Immutable;

namespace Ear.Projects;

/// <summary>An API key (HTTP Digest). The private key itself is never kept.</summary>
/// <param name="Ha1Md5">MD5(publicKey:realm:privateKey), lower-case hexadecimal, as HTTP Digest needs it (spec atlas-ear §2.0.1).</param>
public sealed record ApiKey(string PublicKey, string Ha1Md5, OrgId OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>> ProjectRoles, ImmutableArray<string> OrgRoles);

/// <summary>A service account (OAuth2 client credentials). The secret itself is never kept.</summary>
/// <param name="SecretSha256">SHA-256 of the secret, lower-case hexadecimal: secrets are 256 bits of randomness, so no salt or stretching is needed.</param>
public sealed record ServiceAccount(string ClientId, string SecretSha256, OrgId OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>> ProjectRoles, ImmutableArray<string> OrgRoles);

/// <summary>Who may ask. Keys are found by their public part.</summary>
public interface ICredentials
{
    Task<ApiKey?> FindApiKeyAsync(string publicKey, CancellationToken cancellation);

    Task<ServiceAccount?> FindServiceAccountAsync(string clientId, CancellationToken cancellation);

    Task SaveAsync(ApiKey key, CancellationToken cancellation);

    Task SaveAsync(ServiceAccount account, CancellationToken cancellation);

    /// <summary>Gives a credential, found by its public part, these roles in a project; what else it holds, and who else changes it, is not touched. A key comes before a service account of its name; nothing for a credential that is none.</summary>
    Task GrantAsync(string publicPart, ProjectId project, ImmutableArray<string> roles, CancellationToken cancellation);

    /// <summary>No credential has a role in the project any more.</summary>
    Task ForgetAsync(ProjectId project, CancellationToken cancellation);
}
