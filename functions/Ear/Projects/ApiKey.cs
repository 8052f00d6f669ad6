using System.Collections.Immutable;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>An API key (HTTP Digest). The private key itself is never kept.</summary>
/// <param name="Ha1Md5">MD5(publicKey:realm:privateKey), lower-case hexadecimal, as HTTP Digest needs it (spec atlas-ear §2.0.1).</param>
public sealed record ApiKey(string PublicKey, string Ha1Md5, OrgId OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>> ProjectRoles, ImmutableArray<string> OrgRoles) : ICredential<ApiKey>
{
    public string Description { get; init; } = "";

    string ICredential<ApiKey>.PublicPart => PublicKey;

    ApiKey ICredential<ApiKey>.With(ImmutableDictionary<ProjectId, ImmutableArray<string>> projectRoles) => this with { ProjectRoles = projectRoles };

    /// <summary>The id under which the API names it, which Atlas calls apiUserId: the beginning of SHA-256 of the public key, as 24 hexadecimal characters.</summary>
    public string Id() => ApiKeySecrets.SecretSha256(PublicKey)[..24];

    public bool CanSignIn(DateTimeOffset now) => true;

    static Problem ICredential<ApiKey>.TooMany(int most) => new Problem.TooManyApiKeys(most);

    /// <summary>Without what a private key could be guessed against.</summary>
    public override string ToString() => $"{nameof(ApiKey)} {{ {PublicKey} }}";
}
