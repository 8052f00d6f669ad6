using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>A service account (OAuth2 client credentials). Its secrets themselves are never kept: of each its SHA-256, because secrets are 256 bits of randomness that need no salt or stretching.</summary>
/// <param name="SecretSha256">Lower-case hexadecimal, of a secret without an end that the operator holds: the first account has one, which <see cref="Bootstrap"/> alone replaces. Empty: there is none.</param>
public sealed record ServiceAccount(string ClientId, string SecretSha256, OrgId OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>> ProjectRoles, ImmutableArray<string> OrgRoles)
    : ICredential<ServiceAccount>
{
    /// <summary>Two, so that one can be replaced while the other is in use.</summary>
    public const int MaxSecrets = 2;

    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public DateTimeOffset Created { get; init; }

    public ImmutableArray<AccountSecret> Secrets { get; init; } = [];

    string ICredential<ServiceAccount>.PublicPart => ClientId;

    ServiceAccount ICredential<ServiceAccount>.With(ImmutableDictionary<ProjectId, ImmutableArray<string>> projectRoles) => this with { ProjectRoles = projectRoles };

    static Problem ICredential<ServiceAccount>.TooMany(int most) => new Problem.TooManyServiceAccounts(most);

    public bool CanSignIn(DateTimeOffset now) => SecretSha256.Length > 0 || Secrets.Any(s => s.Expires > now);

    /// <summary>Every secret is compared, and each in constant time: how long it takes tells nothing.</summary>
    public bool IsProvenBy(string secretSha256, DateTimeOffset now, out AccountSecret? used)
    {
        var sent = Encoding.ASCII.GetBytes(secretSha256);
        var proven = CryptographicOperations.FixedTimeEquals(sent, Encoding.ASCII.GetBytes(SecretSha256));
        used = null;
        foreach (var secret in Secrets)
        {
            if (CryptographicOperations.FixedTimeEquals(sent, Encoding.ASCII.GetBytes(secret.Sha256)) && secret.Expires > now)
                used = secret;
        }
        return proven || used is not null;
    }

    public override string ToString() => $"{nameof(ServiceAccount)} {{ {ClientId} }}";
}

/// <param name="Id">24 hexadecimal characters.</param>
/// <param name="Ending">Its last four characters, by which people tell secrets apart.</param>
/// <param name="LastUsed">When a token was last got with it, to the hour; null: never.</param>
public sealed record AccountSecret(string Id, string Sha256, string Ending, DateTimeOffset Created, DateTimeOffset Expires, DateTimeOffset? LastUsed = null);
