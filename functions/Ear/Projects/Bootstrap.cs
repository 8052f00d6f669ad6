using System.Collections.Immutable;
using System.Text.Json;
using Ear.Alerts;
using Ear.Secrets;

namespace Ear.Projects;

/// <summary>
/// Makes the first organisation, project, API key and service account of a system, so that somebody can get in. The ids are
/// written down first, in one record that a second call finds: whatever was not finished is finished then. Of two calls at once,
/// one makes each credential and tells its secret.
/// </summary>
public sealed class Bootstrap(IProjects projects, IProjectCredentials<ApiKey> keys, IProjectCredentials<ServiceAccount> accounts, ISecrets secrets, EventFactory events, IIds ids)
{
    private const string RecordName = "bootstrap";

    /// <summary>Kept once the first project was made, so that its owners can delete it for good.</summary>
    private const string ProjectMadeName = "bootstrap/project-made";

    /// <summary>Somebody else changes the very credential at the same moment, each time.</summary>
    private const int MaxTries = 5;
    private static readonly ImmutableArray<string> OrgRoles = [Role.OrganizationOwner.AtlasName];
    private static readonly ImmutableArray<string> ProjectRoles = [Role.ProjectOwner.AtlasName];

    /// <summary>The API key's and the service account's secrets are in the answer only when they were made by this call: Ear does not keep them.</summary>
    /// <param name="ownerEmails">Who is mailed as Project Owner of the first project; used only while that project does not exist.</param>
    /// <param name="renewSecrets">Makes new secrets for the same public key and client id, for an operator who lost them.</param>
    /// <param name="actor">Who asked, for the events that tell of it; null: nobody did, and nothing is told (a system that starts on one machine).</param>
    public async Task<FirstAccess> EnsureAsync(ImmutableArray<string> ownerEmails, bool renewSecrets, string? actor, CancellationToken cancellation)
    {
        var record = await RecordAsync(cancellation);
        await EnsureProjectAsync(record, ownerEmails, actor, cancellation);
        var privateKey = ApiKeySecrets.NewPrivateKey(ids);
        var isNewKey = await EnsureAsync(keys, record.PublicKey, renewSecrets, isFirst => Told(record, isFirst ? "API_KEY_CREATED" : "API_KEY_SECRET_RENEWED", record.PublicKey, actor),
            key => (key ?? new ApiKey(record.PublicKey, "", record.OrgId, FirstRoles(record), OrgRoles) { Description = "First API key" }) with
            {
                Ha1Md5 = ApiKeySecrets.Ha1(record.PublicKey, privateKey),
                OrgRoles = OrgRoles,
            }, cancellation);
        var clientSecret = ApiKeySecrets.NewClientSecret(ids);
        var isNewAccount = await EnsureAsync(accounts, record.ClientId, renewSecrets, isFirst => Told(record, isFirst ? "SERVICE_ACCOUNT_CREATED" : "SERVICE_ACCOUNT_SECRET_RENEWED", record.ClientId, actor),
            account => (account ?? new ServiceAccount(record.ClientId, "", record.OrgId, FirstRoles(record), OrgRoles) { Name = "First service account", Created = events.Now }) with
            {
                SecretSha256 = ApiKeySecrets.SecretSha256(clientSecret),
                OrgRoles = OrgRoles,
            }, cancellation);
        return new(record.OrgId, record.ProjectId, record.PublicKey, isNewKey ? privateKey : null, record.ClientId, isNewAccount ? clientSecret : null);
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

    private async Task EnsureProjectAsync(BootstrapRecord record, ImmutableArray<string> ownerEmails, string? actor, CancellationToken cancellation)
    {
        if (await secrets.FindAsync(ProjectMadeName, cancellation) is not null)
            return;
        if (await projects.FindAsync(record.ProjectId, cancellation) is null)
            await projects.SaveAsync(
                new Project(record.ProjectId, record.OrgId, "ear", events.Now) { OwnerEmails = ownerEmails }, 0,
                actor is null ? [] : [events.Make(record.ProjectId, "GROUP_CREATED", actor)], cancellation);
        await secrets.PutAsync(ProjectMadeName, [1], cancellation);
    }

    /// <returns>Whether the credential has the new secret.</returns>
    private static async Task<bool> EnsureAsync<T>(
        IProjectCredentials<T> store, string publicPart, bool renew, Func<bool, IReadOnlyList<ProjectEvent>> told, Func<T?, T> make, CancellationToken cancellation)
        where T : class, ICredential<T>
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var stored = await store.FindAsync(publicPart, cancellation);
            if (stored is not null && !renew)
                return false;
            if ((await store.SaveAsync(make(stored?.Document), stored?.Version ?? 0, told(stored is null), cancellation)).Saved)
                return true;
        }
        throw new InvalidOperationException($"The credential {publicPart} was changed by others {MaxTries} times in a row. Ask again.");
    }

    private IReadOnlyList<ProjectEvent> Told(BootstrapRecord record, string type, string publicPart, string? actor)
        => actor is null ? [] : [events.Make(record.ProjectId, type, actor, new KeyValuePair<string, string>("credential", publicPart))];

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
