using System.Collections.Concurrent;
using System.Text.Json;
using Ear.Local.Kms.Azure.Entra;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>How a vault says who may do what; it decides the words of a refusal.</summary>
internal enum PermissionModel
{
    Rbac,
    AccessPolicies,
}

/// <summary>Which networks the vault is reached from.</summary>
internal enum NetworkRule
{
    /// <summary>All.</summary>
    None,

    /// <summary>The caller's address is on no list.</summary>
    Firewall,

    /// <summary>Public access is off.</summary>
    PrivateLinkOnly,
}

/// <summary>
/// Who may do what, and from where. Permissions outlive a restart, as in the real cloud; the network rule and the model are experiments and do not.
/// </summary>
internal sealed class VaultAccess
{
    private const string Kind = "azure-permissions";

    private readonly KmsDocuments documents;
    private readonly string tenantId;
    private readonly ConcurrentDictionary<string, Permissions> byClient;

    public VaultAccess(KmsDocuments documents, string tenantId)
    {
        this.documents = documents;
        this.tenantId = tenantId;
        byClient = new(documents.All(Kind).Select(body => JsonSerializer.Deserialize<Permissions>(body)!).ToDictionary(p => p.ClientId), StringComparer.OrdinalIgnoreCase);
    }

    public PermissionModel Model { get; set; }

    public NetworkRule Network { get; set; }

    /// <summary>Whether the vault's owner lets anybody in by private endpoints.</summary>
    public Func<bool> HasApprovedConnection { get; set; } = () => false;

    /// <param name="operations">Names of <see cref="VaultOperation"/>s; null: everything, as for a client that was never named here.</param>
    public void Allow(string clientId, IReadOnlyCollection<string>? operations)
    {
        if (operations?.FirstOrDefault(o => VaultOperation.All.All(known => known.Name != o)) is { } unknown)
            throw AzureRefusal.BadParameter($"'{unknown}' is not an operation. Known: {string.Join(", ", VaultOperation.All.Select(o => o.Name))}.");
        if (operations is null)
        {
            documents.Delete(Kind, clientId);
            byClient.TryRemove(clientId, out _);
            return;
        }
        var permissions = new Permissions(clientId, [.. operations]);
        documents.Put(Kind, clientId, JsonSerializer.Serialize(permissions));
        byClient[clientId] = permissions;
    }

    /// <returns>null: everything.</returns>
    public IReadOnlyList<string>? AllowedTo(string clientId) => byClient.TryGetValue(clientId, out var permissions) ? permissions.Operations : null;

    /// <exception cref="AzureRefusal">ForbiddenByFirewall, ForbiddenByConnection, ForbiddenByRbac, ForbiddenByPolicy.</exception>
    /// <param name="byPrivateEndpoint">Rules for networks are for those who come from public ones; a private endpoint needs to be approved.</param>
    public void Check(VaultCaller caller, VaultRoute route, bool byPrivateEndpoint)
    {
        if (byPrivateEndpoint && !HasApprovedConnection())
            throw AzureRefusal.Forbidden("ForbiddenByConnection", $"Connection is not an approved private link and caller was ignored because bypass is set to None.\r\nCaller: {CallerText(caller)};\r\nVault: {AzureNames.VaultName};location={AzureNames.Region}");
        if (Network == NetworkRule.Firewall && !byPrivateEndpoint)
            throw AzureRefusal.Forbidden("ForbiddenByFirewall", $"Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\nCaller: {CallerText(caller)}\r\nVault: {AzureNames.VaultName};location={AzureNames.Region}");
        if (Network == NetworkRule.PrivateLinkOnly && !byPrivateEndpoint)
            throw AzureRefusal.Forbidden("ForbiddenByConnection", $"Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: {CallerText(caller)};\r\nVault: {AzureNames.VaultName};location={AzureNames.Region}");
        if (route.Operation == VaultOperation.Unknown || AllowedTo(caller.ClientId)?.Contains(route.Operation.Name) != false)
            return;
        throw Model == PermissionModel.Rbac ? ByRbac(caller, route) : ByPolicy(caller, route);
    }

    private AzureRefusal ByRbac(VaultCaller caller, VaultRoute route)
    {
        var resource = $"/subscriptions/{tenantId}/resourcegroups/{AzureNames.VaultName}/providers/microsoft.keyvault/vaults/{AzureNames.VaultName}{(route.Name is null ? "" : $"/keys/{route.Name}")}";
        return AzureRefusal.Forbidden("ForbiddenByRbac", $"Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: {CallerText(caller)}\r\nAction: 'Microsoft.KeyVault/vaults/{route.Operation.Action}'\r\nResource: '{resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\nVault: {AzureNames.VaultName};location={AzureNames.Region}\r\n");
    }

    private AzureRefusal ByPolicy(VaultCaller caller, VaultRoute route) => AzureRefusal.Forbidden(
        "ForbiddenByPolicy",
        $"The user, group or application '{CallerText(caller, "numgroups=0;")}' does not have keys {route.Operation.Permission} permission on key vault '{AzureNames.VaultName};location={AzureNames.Region}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287");

    private string CallerText(VaultCaller caller, string groups = "") => $"appid={caller.ClientId};oid={caller.ObjectId};{groups}iss={EntraTokens.IssuerOf(tenantId)}";

    private sealed record Permissions(string ClientId, IReadOnlyList<string> Operations);
}

/// <summary>Whom a token names.</summary>
internal sealed record VaultCaller(string ClientId, string ObjectId);
