using Ear.Local.Kms.Azure.Entra;
using Ear.Local.Kms.Azure.Tls;
using Ear.Local.Kms.Azure.Vault;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Kms.Azure;

/// <summary>What a person or tool needs to use the local Key Vault.</summary>
/// <param name="VaultUrl">By the name localhost, which resolves everywhere; names below it (a name for each vault) do not on many machines.</param>
/// <param name="Authority">Of the local Entra: what SDKs call the authority host, with the tenant.</param>
/// <param name="ClientId">The customer's application, which may do everything in the vault.</param>
/// <param name="CaFile">PEM of the authority that clients must trust.</param>
internal sealed record AzureAddress(string VaultUrl, string Authority, string TenantId, string ClientId, string ClientSecret, string CaFile)
{
    public override string ToString() => $"{VaultUrl} {TenantId} {ClientId}";
}

/// <summary>The parts of the simulated Azure, put together: one vault and one Entra tenant on one https port, and another port for those who come by a private endpoint.</summary>
internal sealed class AzureService : IAsyncDisposable
{
    private readonly AzureCredentials credentials;
    private readonly TlsPort tls;
    private readonly ILogger logger;
    private readonly string caFile;
    private Listener listener = null!;
    private Listener privateListener = null!;

    private AzureService(LocalKmsOptions options, KmsFolder folder, KmsDocuments documents, Seal seal, TimeProvider time)
    {
        logger = options.Loggers.CreateLogger("Ear.Local.Kms");
        caFile = folder.Path(LocalCa.CertificateFile);
        Clock = new ServiceClock(time);
        credentials = AzureCredentials.LoadOrCreate(folder);
        tls = new TlsPort(LocalCa.LoadOrCreate(folder, time), time);
        var pool = new RsaPool();
        Keys = new VaultKeys(documents, seal, Clock);
        Access = new VaultAccess(documents, credentials.TenantId);
        Operations = new VaultOperations(Keys, new KeyCryptography(Keys, pool, Clock), new VaultJson(() => Url));
        Applications = new Applications(documents, credentials);
        Tokens = new EntraTokens(documents, seal, pool, Clock, credentials.TenantId);
        TokenEndpoint = new TokenEndpoint(credentials, Applications, Tokens, Clock, () => Url);
        Discovery = new Discovery(credentials.TenantId, () => Url);
    }

    public ServiceClock Clock { get; }

    /// <summary>Brings a key into any state.</summary>
    public VaultKeys Keys { get; }

    /// <summary>Permissions by client, and the vault's firewall.</summary>
    public VaultAccess Access { get; }

    /// <summary>Brings an application, its secrets and its service principal into any state.</summary>
    public Applications Applications { get; }

    public EntraTokens Tokens { get; }

    public TokenEndpoint TokenEndpoint { get; }

    public Discovery Discovery { get; }

    public VaultOperations Operations { get; }

    /// <summary>Ear's own application, for the form of access that needs no secret of the customer's.</summary>
    public string EarAppId => credentials.Ear.ClientId;

    public string EarAppSecret => credentials.Ear.Secret;

    public TlsFailure TlsFailure
    {
        get => tls.Failure;
        set => tls.Failure = value;
    }

    public int Port => listener.Port;

    /// <summary>Of the vault's private side: what a private endpoint's address leads to.</summary>
    public int PrivatePort => privateListener.Port;

    public string PrivateAddress => $"127.0.0.1:{PrivatePort}";

    public string Url => listener.Url;

    public string Authority => $"{Url}/{credentials.TenantId}";

    public bool Refuses => !listener.IsOpen;

    public AzureAddress Address => new(Url, Authority, credentials.TenantId, credentials.Customer.ClientId, credentials.Customer.Secret, caFile);

    /// <param name="port">0: any free one.</param>
    /// <param name="privatePort">0: any free one.</param>
    /// <exception cref="InvalidOperationException">The port is taken or the data folder cannot be used; the message says what to do.</exception>
    public static async Task<AzureService> StartAsync(
        LocalKmsOptions options, int port, KmsFolder folder, KmsDocuments documents, Seal seal, Faults faults, RequestLog log, TimeProvider time, CancellationToken stop,
        int privatePort = 0)
    {
        var service = new AzureService(options, folder, documents, seal, time);
        var door = new AzureDoor(service, faults, log, time, service.logger);
        var setup = new ListenerSetup(app => app.Run(door.HandleAsync)) { Listen = service.tls.Configure, Scheme = "https", Host = "localhost" };
        try
        {
            service.listener = await Listener.StartAsync("Azure Key Vault", port, setup, stop);
            service.privateListener = await Listener.StartAsync("the private side of Azure Key Vault", privatePort, setup, stop);
            return service;
        }
        catch
        {
            if (service.listener is not null)
                await service.listener.DisposeAsync();
            service.tls.Dispose();
            throw;
        }
    }

    /// <summary>true: the port closes and connections are refused, as when the network to it is cut; false: it opens again.</summary>
    public async Task RefuseAsync(bool refuse, CancellationToken stop)
    {
        if (refuse == Refuses)
            return;
        foreach (var side in new[] { listener, privateListener })
            await (refuse ? side.CloseAsync() : side.OpenAsync(stop));
        logger.RefusalChanged("Azure Key Vault", refuse);
    }

    public async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync();
        await privateListener.DisposeAsync();
        tls.Dispose();
    }
}
