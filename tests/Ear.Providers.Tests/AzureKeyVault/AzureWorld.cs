using Ear.CustomerKeys;
using Ear.Local.Kms;
using Ear.Local.Kms.Azure;
using Ear.Local.Kms.Azure.Tls;
using Ear.Local.Kms.Azure.Vault;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;
using Ear.PrivateEndpoints;
using Ear.Providers.AzureKeyVault;
using Ear.Providers.Tests.Kms;
using Ear.Secrets;
using Ear.Tests.Fakes;
using KeyChange = Ear.Local.Kms.Azure.Vault.KeyChange;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>The Azure provider as an application registers it, against the local Key Vault and Entra.</summary>
internal sealed class AzureWorld : CustomerKeyWorld
{
    private const string KeyName = "orders";
    private const string SecretName = "project/azure-secret-1";
    private readonly InMemoryStore store = new();
    private readonly string folder;
    private readonly KmsDocuments documents;
    private readonly AzureProvider provider;

    private AzureWorld(AzureService service, string folder, KmsDocuments documents, Faults faults, RequestLog requests, Action<AzureKeyVaultOptions>? change)
    {
        (Azure, this.folder, this.documents, FaultRules, Requests) = (service, folder, documents, faults, requests);
        Key = new CustomerKey.Azure(
            KeyId(service.Keys.Create(KeyName).Current), AzureEnvironment.Azure, service.Address.TenantId, new AzureAccess.ClientSecret(service.Address.ClientId, SecretName));
        provider = new AzureProvider(Time, store, OwnSecrets = new(store), o =>
        {
            o.Authority = new Uri(service.Url);
            o.VaultHosts = new Uri(service.Url).Authority;
            o.CaFile = service.Address.CaFile;
            (o.AppId, o.AppSecret) = (service.EarAppId, service.EarAppSecret);
            change?.Invoke(o);
        });
    }

    public AzureService Azure { get; }

    public Faults FaultRules { get; }

    public RequestLog Requests { get; }

    public ISecrets Store => store;

    /// <summary>What the provider sees of <see cref="Store"/>.</summary>
    public FaultySecrets OwnSecrets { get; }

    public IPrivateEndpoints Endpoints => store;

    public CustomerKey.Azure AzureKey => (CustomerKey.Azure)Key;

    public override ICustomerKey Provider => provider.Key;

    public override CustomerKey Key { get; }

    public override CustomerKey MissingKey => AzureKey with { KeyIdentifier = $"{Azure.Url}/keys/missing/0123456789abcdef0123456789abcdef" };

    public override IReadOnlyDictionary<string, string> States { get; } = new Dictionary<string, string>
    {
        ["disabled"] = nameof(InvalidReason.KeyDisabled),
        ["deleted"] = nameof(InvalidReason.KeyDeletedOrPendingDeletion),
        ["not for unwrapping"] = nameof(InvalidReason.WrongKeyType),
        ["no role"] = nameof(InvalidReason.PermissionDenied),
        ["not in the access policy"] = nameof(InvalidReason.PermissionDenied),
        ["secret expired"] = nameof(InvalidReason.CredentialsInvalid),
        ["application disabled"] = nameof(InvalidReason.CredentialsInvalid),
        ["application removed"] = nameof(InvalidReason.CredentialsInvalid),
        ["token refused"] = nameof(InvalidReason.CredentialsInvalid),
        ["firewall"] = nameof(UnknownReason.NetworkAccessDenied),
        ["private link only"] = nameof(UnknownReason.NetworkAccessDenied),
        ["conditional access"] = nameof(UnknownReason.NetworkAccessDenied),
    };

    public override IReadOnlyList<string> Faults =>
    [
        "refuse", "reset before", "reset after", "throttled", "500", "503", "untrusted certificate", "broken handshake",
        "entra throttled", "entra 503", "entra unavailable", NeverAnswers,
    ];

    public override string NeverAnswers => "never answers";

    public override IReadOnlyList<string> Secrets => [Azure.Address.ClientSecret, Azure.EarAppSecret];

    public override IReadOnlyList<string> Logged => provider.Logged;

    public static async Task<AzureWorld> StartAsync(Action<AzureKeyVaultOptions>? change = null)
    {
        var directory = Directory.CreateTempSubdirectory("ear-azure-").FullName;
        var folder = new KmsFolder(directory);
        // The file key first: beside a database without one, it counts as lost.
        var seal = new Seal(folder.FileKey());
        var (documents, faults, requests) = (new KmsDocuments(folder), new Faults(), new RequestLog());
        var service = await AzureService.StartAsync(
            new LocalKmsOptions { DataDirectory = directory }, 0, folder, documents, seal, faults, requests, TimeProvider.System, TestContext.Current.CancellationToken);
        var world = new AzureWorld(service, directory, documents, faults, requests, change);
        await world.PutSecretAsync(SecretName, service.Address.ClientSecret);
        return world;
    }

    public Task PutSecretAsync(string name, string secret) => Store.PutAsync(name, System.Text.Encoding.UTF8.GetBytes(secret), TestContext.Current.CancellationToken);

    public int Asked(string operation) => Requests.All().Count(r => r.Operation == operation && r.Outcome != "Unauthorized");

    public string KeyId(KeyVersion version, string name = KeyName) => $"{Azure.Url}/keys/{name}/{version.Id}";

    public void Change(KeyChange change) => Azure.Keys.Update(KeyName, null, change);

    public override Task EnterAsync(string state)
    {
        switch (state)
        {
            case "disabled":
                Change(new KeyChange { Enabled = false });
                break;
            case "deleted":
                Azure.Keys.Delete(KeyName);
                break;
            case "not for unwrapping":
                Change(new KeyChange { Operations = ["wrapKey"] });
                break;
            case "no role" or "not in the access policy":
                Azure.Access.Model = state == "no role" ? PermissionModel.Rbac : PermissionModel.AccessPolicies;
                Azure.Access.Allow(Azure.Address.ClientId, ["GetKeys"]);
                break;
            case "firewall" or "private link only":
                Azure.Access.Network = state == "firewall" ? NetworkRule.Firewall : NetworkRule.PrivateLinkOnly;
                break;
            default:
                RefuseTokens();
                EnterAtEntra(state);
                break;
        }
        return Task.CompletedTask;
    }

    public override async Task BreakAsync(string fault)
    {
        switch (fault)
        {
            case "refuse":
                await Azure.RefuseAsync(true, TestContext.Current.CancellationToken);
                break;
            case "untrusted certificate" or "broken handshake":
                Azure.TlsFailure = fault == "broken handshake" ? TlsFailure.BrokenHandshake : TlsFailure.UntrustedCertificate;
                break;
            default:
                if (fault.StartsWith("entra", StringComparison.Ordinal))
                    RefuseTokens();
                FaultRules.Add(RuleOf(fault));
                break;
        }
    }

    public override async Task RecoverAsync()
    {
        FaultRules.Replace([]);
        Azure.TlsFailure = TlsFailure.None;
        await Azure.RefuseAsync(false, TestContext.Current.CancellationToken);
        Azure.Access.Network = NetworkRule.None;
        Azure.Access.Allow(Azure.Address.ClientId, null);
        Azure.TokenEndpoint.BlockedByConditionalAccess = false;
        Azure.Applications.Change(Azure.Address.ClientId, a => a with { Enabled = true, HasServicePrincipal = true });
        Azure.Applications.ExpireSecrets(Azure.Address.ClientId, DateTimeOffset.MaxValue);
        if (Azure.Keys.In(KeyPhase.Deleted).Any(k => k.Name == KeyName))
            Azure.Keys.Recover(KeyName);
        Change(new KeyChange { Enabled = true, Operations = ["wrapKey", "unwrapKey"] });
    }

    public override async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
        await Azure.DisposeAsync();
        documents.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A token lives on for its hour whatever becomes of its application: the vault takes none, so that Entra is asked.</summary>
    private void RefuseTokens()
    {
        FaultRules.Add(new FaultRule { Operation = "UnwrapKey", Code = "Unauthorized", Status = 401 });
        FaultRules.Add(new FaultRule { Operation = "WrapKey", Code = "Unauthorized", Status = 401 });
    }

    private void EnterAtEntra(string state)
    {
        if (state == "secret expired")
            Azure.Applications.ExpireSecrets(Azure.Address.ClientId, DateTimeOffset.UtcNow.AddDays(-1));
        else if (state == "application disabled")
            Azure.Applications.Change(Azure.Address.ClientId, a => a with { Enabled = false });
        else if (state == "application removed")
            Azure.Applications.Change(Azure.Address.ClientId, a => a with { HasServicePrincipal = false });
        else
            Azure.TokenEndpoint.BlockedByConditionalAccess = state == "conditional access";
    }

    private static FaultRule RuleOf(string fault) => fault switch
    {
        "reset before" => new() { Reset = ConnectionReset.Before },
        "reset after" => new() { Reset = ConnectionReset.After },
        "throttled" => new() { Code = "Throttled", Status = 429 },
        "500" => new() { Code = "InternalServerError", Status = 500 },
        "503" => new() { Code = "KeyDisabled", Status = 503 },
        "entra throttled" => new() { Operation = "Token", Code = "invalid_client", Message = "AADSTS7000215", Status = 429 },
        "entra 503" => new() { Operation = "Token", Code = "invalid_client", Message = "AADSTS7000215", Status = 503 },
        "entra unavailable" => new() { Operation = "Token", Code = "temporarily_unavailable" },
        _ => new() { DelayMilliseconds = 600_000 },
    };
}
