using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Keys;
using Ear.Local.Kms.Azure;
using Ear.Providers.AzureSecrets;
using Ear.Providers.Secrets;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.AzureKeyVault;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.AzureSecrets;

/// <summary>Secrets in a store (SQLite, if none is given) under a key of the local Key Vault, over HTTPS and with a token of the local Entra.</summary>
internal sealed class SecretsWorld : IAsyncDisposable
{
    private const string KeyName = "ear-data";
    private const string OtherKeyName = "ear-data-2";
    private readonly TestFolder folder = new();
    private readonly AzureWorld azure;
    private readonly HttpClient http;
    private readonly StoreFile? file;
    private readonly List<SealedSecrets> processes = [];
    private readonly LogLines log = new();
    private readonly ILoggerFactory logging;

    private SecretsWorld(AzureWorld azure, ISecretBoxes? boxes)
    {
        this.azure = azure;
        azure.Azure.Keys.Create(KeyName);
        azure.Azure.Keys.Create(OtherKeyName);
        var ca = X509Certificate2.CreateFromPem(File.ReadAllText(azure.Azure.Address.CaFile));
        Road = new(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { ca }, RevocationMode = X509RevocationMode.NoCheck },
            },
        });
        http = new HttpClient(Road);
        file = boxes is null ? new StoreFile(new SqliteStoreOptions { Path = folder["ear.db"] }, NullLogger.Instance, fault: null) : null;
        logging = LoggerFactory.Create(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        Boxes = boxes ?? new SqliteSecretBoxes(file!);
        Ids = new(new SystemIds(Time));
        Secrets = Start();
    }

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public ISecretBoxes Boxes { get; }

    /// <summary>The way to the vault and to Entra.</summary>
    public Road Road { get; }

    public RememberedIds Ids { get; }

    public string KeyIdentifier => $"{Vault.Url.TrimEnd('/')}/keys/{KeyName}";

    /// <summary>Another key, of which Ear's identity may make use as well.</summary>
    public string OtherKeyIdentifier => $"{Vault.Url.TrimEnd('/')}/keys/{OtherKeyName}";

    /// <summary>Those of the first process.</summary>
    public SealedSecrets Secrets { get; }

    public IReadOnlyList<string> Logged => log.Lines;

    public AzureService Vault => azure.Azure;

    public static async Task<SecretsWorld> StartAsync(ISecretBoxes? boxes = null) => new(await AzureWorld.StartAsync(), boxes);

    /// <summary>Another process on the same store: it has unwrapped nothing yet.</summary>
    public SealedSecrets Start() => Start(Boxes, dataKeysFrom: null);

    /// <param name="boxes">What the process sees of the store.</param>
    public SealedSecrets Start(ISecretBoxes boxes, DateTimeOffset? dataKeysFrom) => Start(o => o.DataKeysFrom = dataKeysFrom, boxes);

    /// <param name="clientSecret">Of Ear's own identity; null: the right one.</param>
    public SealedSecrets Start(Action<KeyVaultSecretsOptions> configure, ISecretBoxes? boxes = null, string? clientSecret = null)
    {
        boxes ??= Boxes;
        var transport = new HttpClientTransport(http);
        var credential = new ClientSecretCredential(azure.AzureKey.TenantId, Vault.Address.ClientId, clientSecret ?? Vault.Address.ClientSecret, new ClientSecretCredentialOptions
        {
            AuthorityHost = new Uri(Vault.Url),
            DisableInstanceDiscovery = true,
            Transport = transport,
            Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(10) },
        });
        var settings = new KeyVaultSecretsOptions { KeyIdentifier = KeyIdentifier };
        configure(settings);
        var options = Options.Create(settings);
        var client = new KeyClientOptions { Transport = transport, DisableChallengeResourceVerification = true, Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(10) } };
        var keys = new VaultDataKeys(boxes, new VaultWrapping(options, credential, client), Ids, Time, options, logging.CreateLogger<VaultDataKeys>());
        var secrets = new SealedSecrets(boxes, keys, logging.CreateLogger<SealedSecrets>());
        processes.Add(secrets);
        return secrets;
    }

    public void Enable(bool enabled) => Vault.Keys.Update(KeyName, null, new() { Enabled = enabled });

    /// <summary>The first version of the vault's key can be used no more; later ones can.</summary>
    public void DisableFirstVersion(string version) => Vault.Keys.Update(KeyName, version, new() { Enabled = false });

    public void RotateVaultKey() => Vault.Keys.Create(KeyName);

    public int Asked(string operation) => azure.Asked(operation);

    /// <summary>The id of the data key that a secret lies under.</summary>
    public async Task<string> DataKeyOfAsync(string name)
        => Convert.ToHexStringLower((await Boxes.FindAsync(name, TestContext.Current.CancellationToken))!.Ciphertext.AsSpan(1, 12));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
            process.Dispose();
        file?.Dispose();
        http.Dispose();
        logging.Dispose();
        folder.Dispose();
        await azure.DisposeAsync();
    }
}
