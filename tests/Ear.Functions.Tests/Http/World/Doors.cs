using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Functions.Alerts;
using Ear.Functions.ApiDocument;
using Ear.Functions.Clusters.Doors;
using Ear.Functions.Durable;
using Ear.Functions.EncryptionAtRest;
using Ear.Functions.Http;
using Ear.Functions.Http.Access;
using Ear.Functions.Operator;
using Ear.Functions.PrivateEndpoints;
using Ear.Functions.Projects;
using Ear.Functions.Tests.Contract;
using Ear.Local.Durable;
using Ear.Local.Durable.Hosting;
using Ear.Local.Host;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Secrets;
using Ear.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.Http.World;

/// <summary>The doors on the real local host over real HTTP, with the store and the KMS in memory and a clock of the test's own.</summary>
internal sealed class Doors : IAsyncDisposable
{
    public const string Json = "application/vnd.atlas.2024-10-23+json";
    public const string AzureAppId = "aaaaaaaa-0000-0000-0000-000000000001";
    public const string GcpAccount = "ear@project.iam.gserviceaccount.example";
    private readonly string folder;
    private readonly FunctionsHost host;

    private Doors(FunctionsHost host, string folder, FakeTimeProvider time)
    {
        this.host = host;
        this.folder = folder;
        Time = time;
        Store = host.Services.GetRequiredService<InMemoryStore>();
        Kms = host.Services.GetRequiredService<FakeKms>();
        Woken = host.Services.GetRequiredService<Wakes>().Clusters;
    }

    public FakeTimeProvider Time { get; }

    public InMemoryStore Store { get; }

    public FakeKms Kms { get; }

    public FakeKms AzureKms => KmsOf(KeyProvider.Azure);

    public FakeKms GoogleKms => KmsOf(KeyProvider.Gcp);

    public IReadOnlyCollection<ClusterRef> Woken { get; }

    public FirstAccess First { get; private set; } = null!;

    public Uri Url => host.BaseAddress;

    public string Group => $"/api/atlas/v2/groups/{First.ProjectId}";

    /// <param name="engine">Orchestrations run too, and their timers by <see cref="Time"/>.</param>
    /// <param name="links">Private links; fakes of Azure and AWS unless given.</param>
    /// <param name="with">Services beside, or instead of, the usual ones.</param>
    /// <param name="hosted">How the host runs.</param>
    public static async Task<Doors> OpenAsync(
        IReadOnlyDictionary<string, string?>? settings = null, IReadOnlyList<Type>? more = null, bool engine = false, IReadOnlyList<IPrivateLink>? links = null,
        Action<IServiceCollection>? with = null, Func<string, FunctionsHostOptions>? hosted = null)
    {
        var data = Directory.CreateTempSubdirectory("ear-doors-").FullName;
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ear:Projects:AwsAccountArn"] = "arn:aws:iam::999999999999:role/ear",
            ["Ear:Projects:AzureAppId"] = AzureAppId,
            ["Ear:Projects:GcpServiceAccount"] = GcpAccount,
            ["Ear:Projects:OwnerEmails"] = "owner@example.com",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? ImmutableDictionary<string, string?>.Empty);
        AddFakes(builder.Services, time);
        foreach (var link in links ?? [new FakePrivateLink(KeyProvider.Azure), new FakePrivateLink(KeyProvider.Aws)])
            builder.Services.AddSingleton(link);
        with?.Invoke(builder.Services);
        var options = hosted?.Invoke(data) ?? new FunctionsHostOptions { DataFolder = data };
        if (engine)
            builder.Services.AddDurable(options, new DurableOptions { File = Path.Combine(data, "durable.db") });
        else
        {
            options.Binders.Add(new NoTaskHub());
            builder.Services.AddSingleton<IPrivateEndpointWaker, NoWaker>();
        }
        var classes = typeof(EarApp).Assembly.GetTypes().Where(t => t.Name.EndsWith("Door", StringComparison.Ordinal)).Concat(more ?? []).ToArray();
        var started = FunctionsHost.Build(builder, classes, options, app =>
        {
            app.ConfigureFunctionsWebApplication();
            app.UseMiddleware<UnexpectedErrors>();
            app.UseTaskHub();
            app.Services.AddHttpDoors(app.Configuration).AddProjects(app.Configuration).AddEncryptionAtRest(app.Configuration).AddClusterDoors(app.Configuration).AddPrivateEndpoints(app.Configuration).AddAlerts().AddOperator().AddApiDocument();
        });
        await started.StartAsync(TestContext.Current.CancellationToken);
        var doors = new Doors(started, data, time);
        doors.First = await started.Services.GetRequiredService<Bootstrap>().EnsureAsync(["owner@example.com"], false, null, TestContext.Current.CancellationToken);
        return doors;
    }

    /// <summary>A client with an API key by Digest, as .NET speaks it.</summary>
    public HttpClient WithKey(string? publicKey = null, string? privateKey = null)
        => Client(new HttpClientHandler { Credentials = new System.Net.NetworkCredential(publicKey ?? First.PublicKey, privateKey ?? First.PrivateKey) });

    /// <summary>The host's keys: the master key, and the one of level Function.</summary>
    public (string Master, string Function) HostKeys => (host.MasterKey, host.FunctionKey);

    public HttpClient WithHostKey(string key)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Add("x-functions-key", key);
        return client;
    }

    public HttpClient Anonymous() => Client(new HttpClientHandler());

    private HttpClient Client(HttpMessageHandler inner) => new(new ContractHandler(inner)) { BaseAddress = Url };

    /// <summary>A caller with these roles in the first project, or in none; authenticated by a token that is valid.</summary>
    public async Task<HttpClient> AsAsync(params string[] roles)
    {
        var name = $"mdb_sa_id_{Guid.NewGuid():N}"[..34];
        var projectRoles = ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty;
        await Store.SaveAsync(
            new ServiceAccount(name, ApiKeySecrets.SecretSha256("s"), First.OrgId,
                roles.Length == 0 || roles[0].StartsWith("ORG_", StringComparison.Ordinal) ? projectRoles : projectRoles.Add(First.ProjectId, [.. roles]),
                roles.Length > 0 && roles[0].StartsWith("ORG_", StringComparison.Ordinal) ? [.. roles] : []),
            TestContext.Current.CancellationToken);
        return await WithTokenOfAsync(name);
    }

    public async Task<HttpClient> WithTokenOfAsync(string clientId)
    {
        var (token, _) = await host.Services.GetRequiredService<AccessTokens>().IssueAsync(clientId, TestContext.Current.CancellationToken);
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public Task<HttpClient> OwnerAsync() => AsAsync("GROUP_OWNER");

    public async Task<Project> ProjectAsync() => (await Store.FindAsync(First.ProjectId, TestContext.Current.CancellationToken))!.Document;

    public async Task<IReadOnlyList<string>> EventsAsync()
        => [.. (await Store.ListAsync(First.ProjectId, EventFilter.All, 0, 500, TestContext.Current.CancellationToken)).Events.Select(e => e.Event.Type)];

    /// <summary>An event, as something else in the system would save it.</summary>
    public async Task TellAsync(string type, params (string, string)[] details)
    {
        var stored = (await Store.FindAsync(First.ProjectId, TestContext.Current.CancellationToken))!;
        var told = CausedEvents.Of(First.ProjectId, type, Guid.NewGuid().ToString(), Time.GetUtcNow(), details);
        Assert.True((await Store.SaveAsync(stored.Document, stored.Version, [told], TestContext.Current.CancellationToken)).Saved);
    }

    /// <summary>An authorised role, ready for a key configuration.</summary>
    public async Task<string> AuthorizedRoleAsync(HttpClient owner)
    {
        var created = await owner.SendJsonAsync(HttpMethod.Post, $"{Group}/cloudProviderAccess", """{"providerName":"AWS"}""");
        var role = created.Text("roleId");
        await owner.SendJsonAsync(HttpMethod.Patch, $"{Group}/cloudProviderAccess/{role}", $$"""{"providerName":"AWS","iamAssumedRoleArn":"{{FakeKms.RoleArn}}"}""");
        return role;
    }

    public async Task<string> EnableAwsAsync(HttpClient owner)
    {
        var role = await AuthorizedRoleAsync(owner);
        var enabled = await owner.SendJsonAsync(HttpMethod.Patch, $"{Group}/encryptionAtRest",
            $$$"""{"awsKms":{"enabled":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1"}}""");
        Assert.Equal(200, enabled.Status);
        return role;
    }

    public FakePrivateLink Link(KeyProvider provider) => (FakePrivateLink)host.Services.GetServices<IPrivateLink>().First(l => l.Provider == provider);

    public IServiceProvider Services => host.Services;

    public FakeWebhook Webhooks => (FakeWebhook)host.Services.GetRequiredService<IWebhook>();

    /// <summary>As the host's administrator.</summary>
    public async Task RunNowAsync(string function)
    {
        using var client = new HttpClient { BaseAddress = Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/admin/functions/{function}") { Content = new StringContent("""{"input":""}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("x-functions-key", host.MasterKey);
        (await client.SendAsync(request, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
    }

    /// <summary>
    /// Lets time pass in steps of a second until it holds, so that every loop gets to see each; then waits for it. While a function runs no time passes: its calls to
    /// other processes take the real one, and its time-outs and locks would be over before they are answered.
    /// </summary>
    public async Task PassAsync(TimeSpan time, Func<Task<bool>>? until = null)
    {
        for (var end = Time.GetUtcNow() + time; Time.GetUtcNow() < end && !(until is not null && await until());)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2, TestContext.Current.CancellationToken);
            await EndOfInvocationsAsync();
        }
        if (until is not null)
            await UntilAsync(until);
    }

    /// <summary>One that itself waits for time to pass is not waited for.</summary>
    private async Task EndOfInvocationsAsync()
    {
        var running = host.Services.GetRequiredService<RunningInvocations>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        while (running.Count > 0 && !patience.IsCancellationRequested)
            await Task.Delay(2, TestContext.Current.CancellationToken);
    }

    /// <summary>No time passes but the real.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            Assert.False(patience.IsCancellationRequested, "It did not come to it.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private FakeKms KmsOf(KeyProvider provider) => (FakeKms)host.Services.GetServices<ICustomerKey>().First(k => k.Provider == provider);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        await host.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static void AddFakes(IServiceCollection services, FakeTimeProvider time)
    {
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<InMemoryStore>();
        services.AddSingleton<IProjects>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<IClusters>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<INodes>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<IMachineTasks>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<IAlerts>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<IAlertConfigs>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<IEvents>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<ICredentials>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton(s => s.GetRequiredService<InMemoryStore>().ApiKeys);
        services.AddSingleton(s => s.GetRequiredService<InMemoryStore>().ServiceAccounts);
        services.AddSingleton<ISecrets>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<IPrivateEndpoints>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<IUnfinishedPrivateEndpoints>(s => s.GetRequiredService<InMemoryStore>());
        services.AddSingleton<IWebhook, FakeWebhook>();
        services.AddSingleton<FakeKms>();
        services.AddSingleton<ICustomerKey>(s => s.GetRequiredService<FakeKms>());
        services.AddSingleton<ICustomerKey>(new FakeKms(KeyProvider.Azure));
        services.AddSingleton<ICustomerKey>(new FakeKms(KeyProvider.Gcp));
        services.AddSingleton<IAwsRoles>(s => s.GetRequiredService<FakeKms>());
        services.AddSingleton<IOnDemandValidation, FakeValidation>();
        services.AddSingleton<Wakes>();
        services.AddSingleton<IReconciler>(s => s.GetRequiredService<Wakes>());
    }

    private sealed class NoWaker : IPrivateEndpointWaker
    {
        public Task WakeAsync(PrivateEndpointRef endpoint, CancellationToken cancellation) => Task.CompletedTask;
    }

    private sealed class Wakes : IReconciler
    {
        public ConcurrentQueue<ClusterRef> Clusters { get; } = [];

        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation)
        {
            Clusters.Enqueue(cluster);
            return Task.CompletedTask;
        }
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, JsonNode? Body, HttpResponseMessage Message)
{
    public string? ErrorCode => Body?["errorCode"]?.GetValue<string>();

    /// <summary>Null: there is none.</summary>
    public string? Header(string name) => Message.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    public string Text(string field) => Body?[field]?.GetValue<string>() ?? throw new InvalidOperationException($"{Status}: no {field} in {Body}");

    public void Refused(int status, string code) => Assert.Equal((status, code), (Status, ErrorCode));
}

internal static class Asking
{
    public static Task<Answer> GetAsync(this HttpClient client, string path, string accept) => client.SendJsonAsync(HttpMethod.Get, path, null, accept);

    public static async Task<Answer> SendJsonAsync(this HttpClient client, HttpMethod method, string path, string? body = null, string? accept = Doors.Json, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        var message = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await message.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer((int)message.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), message);
    }
}
