using System.Text.Json.Serialization;
using Ear.Functions.Http.Answers;
using Ear.Projects;

namespace Ear.Functions.Http.Access;

/// <summary>An API key as Atlas shows it.</summary>
/// <param name="PrivateKey">Only in the answer that made it.</param>
internal sealed record ApiKeyView(string? Desc, string Id, IReadOnlyList<Link> Links, string? PrivateKey, string PublicKey, IReadOnlyList<RoleView> Roles)
{
    public static ApiKeyView Of(ApiKey key, string url, string? privateKey = null) => new(
        key.Description.Length == 0 ? null : key.Description,
        key.Id(),
        [new Link(url, "self")],
        privateKey,
        key.PublicKey,
        [
            .. key.OrgRoles.Select(r => new RoleView(null, key.OrgId.Value, r)),
            .. key.ProjectRoles.OrderBy(p => p.Key.Value, StringComparer.Ordinal).SelectMany(p => p.Value.Select(r => new RoleView(p.Key.Value, null, r))),
        ]);

    public override string ToString() => $"{nameof(ApiKeyView)} {{ {PublicKey} }}";
}

internal sealed record RoleView(string? GroupId, string? OrgId, string RoleName);

/// <summary>A service account as Atlas shows it: its roles in the project that was asked for.</summary>
internal sealed record ServiceAccountView(
    string ClientId, string CreatedAt, string Description, string Name, IReadOnlyList<string> Roles, IReadOnlyList<SecretView> Secrets)
{
    public static ServiceAccountView Of(ServiceAccount account, ProjectId project, NewSecret? made = null) => new(
        account.ClientId, AtlasTime.Format(account.Created), account.Description, account.Name, account.ProjectRoles[project], [.. account.Secrets.Select(s => SecretView.Of(s, made))]);
}

/// <param name="Secret">Only in the answer that made it.</param>
internal sealed record SecretView(string CreatedAt, string ExpiresAt, string Id, string? LastUsedAt, string MaskedSecretValue, string? Secret)
{
    public static SecretView Of(AccountSecret secret, NewSecret? made = null) => new(
        AtlasTime.Format(secret.Created),
        AtlasTime.Format(secret.Expires),
        secret.Id,
        secret.LastUsed is { } used ? AtlasTime.Format(used) : null,
        $"mdb_sa_sk_...{secret.Ending}",
        made?.SecretId == secret.Id ? made.Text : null);

    public override string ToString() => $"{nameof(SecretView)} {{ {Id} }}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiKeyView))]
[JsonSerializable(typeof(ServiceAccountView))]
[JsonSerializable(typeof(SecretView))]
internal sealed partial class CredentialJson : JsonSerializerContext;
