using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>
/// Azure service principals and Google service accounts through which a project lets Ear use keys without a secret (spec atlas-ear §2.11). Unlike an
/// AWS role, nothing is tried when one is made: what Ear may do with it is proven when a key is configured.
/// </summary>
public sealed class CloudAccess(RoleChanges changes, EventFactory events)
{
    /// <summary>Told twice is told once: a role that is there under the very id is the one that was asked for.</summary>
    public Task<Outcome<AzureServicePrincipal>> CreateAsync(ProjectId id, RoleId roleId, AzurePrincipalIds principal, string actor, CancellationToken cancellation)
    {
        var role = new AzureServicePrincipal(roleId, principal.AtlasAzureAppId, principal.ServicePrincipalId, principal.TenantId, events.Now, events.Now);
        return changes.ApplyAsync<AzureServicePrincipal>(id, "AZURE_SERVICE_PRINCIPAL_ADDED", actor, roleId, project =>
        {
            if (project.AzureServicePrincipals.FirstOrDefault(r => r.Id == roleId) is { } made)
                return (project, made);
            return RoleChanges.Full(project) is { } full ? full : (project with { AzureServicePrincipals = project.AzureServicePrincipals.Add(role) }, role);
        }, cancellation);
    }

    /// <summary>Another principal under the same role. Refused while a key is reached by it: a slip of the pen would be found by the next sweep, and stop clusters.</summary>
    public Task<Outcome<AzureServicePrincipal>> UpdateAsync(ProjectId id, RoleId role, AzurePrincipalIds principal, string actor, CancellationToken cancellation)
        => changes.ApplyAsync<AzureServicePrincipal>(id, "AZURE_SERVICE_PRINCIPAL_UPDATED", actor, role, project =>
        {
            if (project.AzureServicePrincipals.FirstOrDefault(r => r.Id == role) is not { } found)
                return new Problem.RoleNotFound(role.Value);
            if (project.EncryptionAtRest.Uses(role) && principal != new AzurePrincipalIds(found.AtlasAzureAppId, found.ServicePrincipalId, found.TenantId))
                return new Problem.RoleInUse(KeyProvider.Azure, role.Value);
            var updated = found with
            {
                AtlasAzureAppId = principal.AtlasAzureAppId,
                ServicePrincipalId = principal.ServicePrincipalId,
                TenantId = principal.TenantId,
                LastUpdated = events.Now,
            };
            return (project with { AzureServicePrincipals = project.AzureServicePrincipals.Replace(found, updated) }, updated);
        }, cancellation);

    /// <summary>Told twice is told once, as above.</summary>
    public Task<Outcome<GcpServiceAccount>> CreateAsync(ProjectId id, RoleId roleId, string email, string actor, CancellationToken cancellation)
    {
        var role = new GcpServiceAccount(roleId, email, events.Now);
        return changes.ApplyAsync<GcpServiceAccount>(id, "GCP_SERVICE_ACCOUNT_ADDED", actor, roleId, project =>
        {
            if (project.GcpServiceAccounts.FirstOrDefault(r => r.Id == roleId) is { } made)
                return (project, made);
            return RoleChanges.Full(project) is { } full ? full : (project with { GcpServiceAccounts = project.GcpServiceAccounts.Add(role) }, role);
        }, cancellation);
    }

    /// <summary>Whichever provider it is of.</summary>
    public Task<Outcome<RoleId>> DeleteAsync(ProjectId id, KeyProvider provider, RoleId role, string actor, CancellationToken cancellation)
        => changes.ApplyAsync<RoleId>(id, provider is KeyProvider.Aws ? "AWS_IAM_ROLE_DELETED" : provider is KeyProvider.Azure ? "AZURE_SERVICE_PRINCIPAL_DELETED" : "GCP_SERVICE_ACCOUNT_DELETED", actor, role, project =>
        {
            var rest = provider switch
            {
                KeyProvider.Aws => project with { AwsRoles = project.AwsRoles.RemoveAll(r => r.Id == role) },
                KeyProvider.Azure => project with { AzureServicePrincipals = project.AzureServicePrincipals.RemoveAll(r => r.Id == role) },
                KeyProvider.Gcp => project with { GcpServiceAccounts = project.GcpServiceAccounts.RemoveAll(r => r.Id == role) },
                _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, null),
            };
            if (RoleChanges.Count(rest) == RoleChanges.Count(project))
                return new Problem.RoleNotFound(role.Value);
            return project.EncryptionAtRest.Uses(role) ? new Problem.RoleInUse(provider, role.Value) : (rest, role);
        }, cancellation);
}

/// <param name="AtlasAzureAppId">Ear's own application, a uuid.</param>
/// <param name="ServicePrincipalId">Object id of the principal that the customer made for it, a uuid.</param>
/// <param name="TenantId">The customer's tenant, a uuid.</param>
public sealed record AzurePrincipalIds(string AtlasAzureAppId, string ServicePrincipalId, string TenantId);
