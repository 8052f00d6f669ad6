using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Local.Kms;
using Ear.Local.Kms.Azure;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Tests.Kms.Azure;

/// <summary>A local Key Vault and Entra in a folder of their own, and a client that trusts their authority and nobody else.</summary>
internal sealed class AzureWorld : IAsyncDisposable
{
    public const string ApiVersion = "7.6";

    private readonly TimeProvider time;
    private KmsDocuments documents = null!;

    private AzureWorld(string folder, TimeProvider time) => (Folder, this.time) = (folder, time);

    public string Folder { get; }

    public AzureService Service { get; private set; } = null!;

    public Faults Faults { get; } = new();

    public RequestLog Requests { get; } = new();

    public HttpClient Http { get; private set; } = null!;

    public AzureAddress Address => Service.Address;

    public static async Task<AzureWorld> StartAsync(TimeProvider? time = null)
    {
        var world = new AzureWorld(Directory.CreateTempSubdirectory("ear-azure-").FullName, time ?? TimeProvider.System);
        await world.OpenAsync(0);
        return world;
    }

    public async Task RestartAsync()
    {
        var port = Service.Port;
        await CloseAsync();
        await OpenAsync(port);
    }

    /// <summary>As real clients are told to: the authority's certificate as the only root.</summary>
    public SocketsHttpHandler Trusting()
    {
        var root = X509CertificateLoader.LoadCertificateFromFile(Address.CaFile);
        return new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { root }, RevocationMode = X509RevocationMode.NoCheck },
            },
        };
    }

    /// <summary>What the token endpoint answers to the customer's application, with what is given here instead or besides.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> TokenAsync(string? tenant = null, params (string Name, string? Value)[] changes)
    {
        var form = new Dictionary<string, string?>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = Address.ClientId,
            ["client_secret"] = Address.ClientSecret,
            ["scope"] = "https://vault.azure.net/.default",
        };
        foreach (var (name, value) in changes)
            form[name] = value;
        using var content = new FormUrlEncodedContent(form.Where(f => f.Value is not null)!);
        using var response = await Http.PostAsync($"{Address.VaultUrl}/{tenant ?? Address.TenantId}/oauth2/v2.0/token", content);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async Task<string> AccessTokenAsync(params (string Name, string? Value)[] changes)
    {
        var (status, body) = await TokenAsync(null, changes);
        Assert.Equal(HttpStatusCode.OK, status);
        return body.GetProperty("access_token").GetString()!;
    }

    /// <summary>A call to the vault as the customer's application, or with the token that is given.</summary>
    /// <param name="path">Below the vault; api-version is added when there is no query.</param>
    public async Task<Answer> CallAsync(HttpMethod method, string path, object? body = null, string? token = null)
    {
        token ??= await AccessTokenAsync();
        using var request = new HttpRequestMessage(method, Address.VaultUrl + path + (path.Contains('?') ? "" : $"?api-version={ApiVersion}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await SendAsync(request);
    }

    public Task<Answer> GetAsync(string path, string? token = null) => CallAsync(HttpMethod.Get, path, token: token);

    public Task<Answer> PostAsync(string path, object body, string? token = null) => CallAsync(HttpMethod.Post, path, body, token);

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!.AsObject(), response.Headers);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task OpenAsync(int port)
    {
        var folder = new KmsFolder(Folder);
        var seal = new Seal(folder.FileKey());
        documents = new KmsDocuments(folder);
        Service = await AzureService.StartAsync(new LocalKmsOptions { DataDirectory = Folder }, port, folder, documents, seal, Faults, Requests, time, TestContext.Current.CancellationToken);
        Http = new HttpClient(Trusting());
    }

    private async Task CloseAsync()
    {
        Http.Dispose();
        await Service.DisposeAsync();
        documents.Dispose();
    }
}

internal sealed record Answer(HttpStatusCode Status, JsonObject Body, HttpResponseHeaders Headers)
{
    public string? Kid => (string?)(Body["kid"] ?? Body["key"]?["kid"]);

    public string Version => Kid![(Kid!.LastIndexOf('/') + 1)..];

    public string? Value => (string?)Body["value"];

    /// <summary>Status, outer code, inner code, text.</summary>
    public (int, string?, string?, string?) Error => ((int)Status, (string?)Body["error"]?["code"], (string?)Body["error"]?["innererror"]?["code"], (string?)Body["error"]?["message"]);
}
