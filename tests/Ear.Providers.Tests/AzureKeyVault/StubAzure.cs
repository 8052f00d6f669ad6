using System.Collections.Concurrent;
using Ear.CustomerKeys;
using Ear.Local.Kms;
using Ear.Local.Kms.Azure.Tls;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Tls;
using Ear.PrivateEndpoints;
using Ear.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>Entra that gives any token, and a vault that answers as a test says: what no real service would.</summary>
internal sealed class StubAzure : IAsyncDisposable
{
    public const string Tenant = "11111111-2222-3333-4444-555555555555";
    private const string SecretName = "secret";
    private readonly string folder = Directory.CreateTempSubdirectory("ear-stub-").FullName;
    private readonly TlsPort tls;
    private readonly InMemoryStore store = new();
    private Listener listener = null!;
    private string? vaultHost;
    private AzureProvider provider = null!;

    private StubAzure() => tls = new TlsPort(LocalCa.LoadOrCreate(new KmsFolder(folder), TimeProvider.System), TimeProvider.System);

    /// <summary>What the vault does once it was sent a token.</summary>
    public Func<HttpContext, Task> Vault { get; set; } = http => http.Response.WriteAsJsonAsync(new { });

    public string Challenge { get; set; } = $"Bearer authorization=\"https://login.microsoftonline.com/{Tenant}\", resource=\"https://vault.azure.net\"";

    /// <summary>Method and path of each request to the vault, with the word <c>token</c> where it had one.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Tokens { get; private set; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public string Authority => $"localhost:{listener.Port}";

    public int Port => listener.Port;

    public IPrivateEndpoints Endpoints => store;

    public ICustomerKey Provider => provider.Key;

    public CustomerKey.Azure Key => new($"https://{vaultHost ?? Authority}/keys/orders/0123456789abcdef0123456789abcdef", AzureEnvironment.Azure, Tenant, new AzureAccess.ClientSecret("66666666-7777-8888-9999-000000000000", SecretName));

    public WrappedKey Canary => new(KeyProvider.Azure, Key.KeyIdentifier, "0123456789abcdef0123456789abcdef", "", new byte[256]);

    /// <param name="vaultHost">By what name the vault is known, with its port; null: the one at which it really is.</param>
    public static async Task<StubAzure> StartAsync(Action<Ear.Providers.AzureKeyVault.AzureKeyVaultOptions>? change = null, string? vaultHost = null)
    {
        var stub = new StubAzure { vaultHost = vaultHost };
        var setup = new ListenerSetup(app => app.Run(stub.HandleAsync)) { Listen = stub.tls.Configure, Scheme = "https", Host = "localhost" };
        stub.listener = await Listener.StartAsync("stub", 0, setup, TestContext.Current.CancellationToken);
        await ((Ear.Secrets.ISecrets)stub.store).PutAsync(SecretName, "any"u8.ToArray(), TestContext.Current.CancellationToken);
        stub.provider = new AzureProvider(stub.Time, stub.store, stub.store, o =>
        {
            o.Authority = new Uri($"https://{stub.Authority}/");
            o.VaultHosts = vaultHost ?? stub.Authority;
            o.CaFile = Path.Combine(stub.folder, LocalCa.CertificateFile);
            change?.Invoke(o);
        });
        return stub;
    }

    public Task<KeyCheck> CheckAsync() => CheckAsync(Key, Canary);

    public async Task<KeyCheck> CheckAsync(CustomerKey.Azure key, WrappedKey canary)
    {
        var check = Provider.CheckAsync(key, canary, KeyContext.ForCanary("0123456789abcdef01234567"), TestContext.Current.CancellationToken);
        for (var round = 0; round < 600 && !check.IsCompleted; round++)
        {
            // No faster than real time: a busy machine must not look like a vault that does not answer.
            await Task.WhenAny(check, Task.Delay(TimeSpan.FromMilliseconds(50)));
            Time.Advance(TimeSpan.FromMilliseconds(50));
        }
        return await check;
    }

    public async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
        await listener.DisposeAsync();
        tls.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private Task HandleAsync(HttpContext http)
    {
        if (http.Request.Path.Value!.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal))
        {
            Tokens++;
            return http.Response.WriteAsJsonAsync(new { token_type = "Bearer", expires_in = 3599, access_token = $"token-{Tokens}" });
        }
        var hasToken = http.Request.Headers.Authorization.Count > 0;
        Requests.Enqueue($"{http.Request.Method} {http.Request.Path}{(hasToken ? " token" : "")}{(http.Request.ContentLength > 0 ? " body" : "")}");
        if (hasToken)
            return Vault(http);
        http.Response.StatusCode = 401;
        http.Response.Headers.WWWAuthenticate = Challenge;
        return Task.CompletedTask;
    }
}
