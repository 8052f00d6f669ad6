using System.Collections.Immutable;
using System.Text.Json;
using Ear.Secrets;

namespace Ear.Projects;

/// <summary>
/// Makes the first organisation, project, API key and service account of a system, so that somebody can get in. The ids are
/// written down first, in one record that a second call finds: whatever was not finished is finished then.
/// </summary>
public sealed class Bootstrap(IProjects projects, ICredentials credentials, ISecrets secrets, IIds ids, TimeProvider time)
{
    private const string RecordName = "bootstrap";

    /// <summary>Kept once the first project was made, so that its owners can delete it for good.</summary>
    private const string ProjectMadeName = "bootstrap/project-made";
    private static readonly ImmutableArray<string> OrgRoles = [Role.OrganizationOwner.AtlasName];
    private static readonly ImmutableArray<string> ProjectRoles = [Role.ProjectOwner.AtlasName];

    /// <summary>The API key's and the service account's secrets are in the answer only when they were made by this call: Ear does not keep them.</summary>
    /// <param name="ownerEmails">Who is mailed as Project Owner of the first project; used only while that project does not exist.</param>
    /// <param name="renewSecrets">Makes new secrets for the same public key and client id, for an operator who lost them.</param>
    public async Task<FirstAccess> EnsureAsync(ImmutableArray<string> ownerEmails, bool renewSecrets, CancellationToken cancellation)
    {
        var record = await RecordAsync(cancellation);
        await EnsureProjectAsync(record, ownerEmails, cancellation);
        var privateKey = renewSecrets || await credentials.FindApiKeyAsync(record.PublicKey, cancellation) is null
            ? await NewApiKeyAsync(record, cancellation)
            : null;
        var clientSecret = renewSecrets || await credentials.FindServiceAccountAsync(record.ClientId, cancellation) is null
            ? await NewServiceAccountAsync(record, cancellation)
            : null;
        return new(record.OrgId, record.ProjectId, record.PublicKey, privateKey, record.ClientId, clientSecret);
    }

    private async Task<BootstrapRecord> RecordAsync(CancellationToken cancellation)
    {
        var json = await secrets.GetOrCreateAsync(
            RecordName,
            () => JsonSerializer.SerializeToUtf8Bytes(
                new BootstrapRecord(ids.New<OrgId>(), ids.New<ProjectId>(), ApiKeySecrets.NewPublicKey(ids), ApiKeySecrets.NewClientId(ids)), EarJson.Options),
            cancellation);
        return JsonSerializer.Deserialize<BootstrapRecord>(json, EarJson.Options)
            ?? throw new InvalidOperationException($"The secret '{RecordName}' holds no bootstrap record; the data folder is damaged.");
    }

    private async Task EnsureProjectAsync(BootstrapRecord record, ImmutableArray<string> ownerEmails, CancellationToken cancellation)
    {
        if (await secrets.FindAsync(ProjectMadeName, cancellation) is not null)
            return;
        if (await projects.FindAsync(record.ProjectId, cancellation) is null)
            await projects.SaveAsync(
                new Project(record.ProjectId, record.OrgId, "ear", time.GetUtcNow()) { OwnerEmails = ownerEmails }, 0, [], cancellation);
        await secrets.PutAsync(ProjectMadeName, [1], cancellation);
    }

    private async Task<string> NewApiKeyAsync(BootstrapRecord record, CancellationToken cancellation)
    {
        var privateKey = ApiKeySecrets.NewPrivateKey(ids);
        var key = await credentials.FindApiKeyAsync(record.PublicKey, cancellation)
            ?? new ApiKey(record.PublicKey, "", record.OrgId, FirstRoles(record), OrgRoles) { Description = "First API key" };
        await credentials.SaveAsync(key with { Ha1Md5 = ApiKeySecrets.Ha1(record.PublicKey, privateKey), OrgRoles = OrgRoles }, cancellation);
        return privateKey;
    }

    private async Task<string> NewServiceAccountAsync(BootstrapRecord record, CancellationToken cancellation)
    {
        var secret = ApiKeySecrets.NewClientSecret(ids);
        var account = await credentials.FindServiceAccountAsync(record.ClientId, cancellation)
            ?? new ServiceAccount(record.ClientId, "", record.OrgId, FirstRoles(record), OrgRoles) { Name = "First service account", Created = time.GetUtcNow() };
        await credentials.SaveAsync(account with { SecretSha256 = ApiKeySecrets.SecretSha256(secret), OrgRoles = OrgRoles }, cancellation);
        return secret;
    }

    private static ImmutableDictionary<ProjectId, ImmutableArray<string>> FirstRoles(BootstrapRecord record)
        => ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(record.ProjectId, ProjectRoles);

    private sealed record BootstrapRecord(OrgId OrgId, ProjectId ProjectId, string PublicKey, string ClientId);
}

/// <param name="PrivateKey">Secret; null when it was handed out before.</param>
/// <param name="ClientSecret">Secret; null when it was handed out before.</param>
public sealed record FirstAccess(OrgId OrgId, ProjectId ProjectId, string PublicKey, string? PrivateKey, string ClientId, string? ClientSecret)
{
    /// <summary>Without the secrets, so that a log line or an exception never carries them.</summary>
    public override string ToString() => $"{nameof(FirstAccess)} {{ {OrgId}, {ProjectId}, {PublicKey}, {ClientId} }}";
}
