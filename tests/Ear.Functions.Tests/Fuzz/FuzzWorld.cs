using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Functions.Http.Access;
using Ear.Functions.Tests.ApiDocument;
using Ear.Functions.Tests.Http.World;
using Ear.Projects;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>Two projects of two organisations with something in every collection, and people of different rights in the first. Each session begins with exactly this.</summary>
internal sealed class FuzzWorld : IAsyncDisposable
{
    /// <summary>In the name of everything of the other project, and in nothing else.</summary>
    public const string Marker = "zq7other";
    private readonly Doors doors;
    private readonly InProcessServer server;
    private readonly Dictionary<Asker, string> tokens = [];
    private object prepared = null!;
    private Known own = null!;
    private Known other = null!;

    private FuzzWorld(Doors doors, InProcessServer server) => (this.doors, this.server) = (doors, server);

    public object Stored => doors.Store.Everything;

    public bool IsUnchangedSince(object stored) => doors.Store.IsUnchangedSince(stored);

    public static async Task<FuzzWorld> OpenAsync()
    {
        var server = new InProcessServer();
        var doors = await Doors.OpenAsync(
            new Dictionary<string, string?> { ["Ear:Http:RequestsPerSecond"] = "0" }, with: services => services.AddSingleton<IServer>(server));
        var world = new FuzzWorld(doors, server);
        await world.PrepareAsync();
        return world;
    }

    public Session Begin()
    {
        doors.Store.Everything = prepared;
        // Its memory of keys is not of the store.
        return new Session(this, own.Copy(), other, asker => tokens[asker]);
    }

    public Task<RawAnswer> SendAsync(RawRequest request) => server.SendAsync(request);

    public ValueTask DisposeAsync() => doors.DisposeAsync();

    private async Task PrepareAsync()
    {
        var first = doors.First;
        var foreignOrg = HexId.TryParse<OrgId>("f0e1d2c3b4a5968778695a4b", out var id) ? id : throw new InvalidOperationException();
        await PersonAsync(Asker.Organization, first.OrgId, null, "ORG_OWNER");
        await PersonAsync(Asker.Owner, first.OrgId, first.ProjectId, "GROUP_OWNER");
        await PersonAsync(Asker.ReadOnly, first.OrgId, first.ProjectId, "GROUP_READ_ONLY");
        await PersonAsync(Asker.ClusterManager, first.OrgId, first.ProjectId, "GROUP_CLUSTER_MANAGER");
        await PersonAsync(Asker.Stranger, foreignOrg, null, "ORG_OWNER");
        var made = await SendAsync(Asker.Stranger, "POST", "/api/atlas/v2/groups", $$"""{"name":"{{Marker}}","orgId":"{{foreignOrg.Value}}"}""");
        _ = HexId.TryParse<ProjectId>(made!["id"]!.GetValue<string>(), out var foreign);
        own = new Known(first.ProjectId.Value, first.OrgId.Value);
        other = new Known(foreign.Value, foreignOrg.Value);
        await FillAsync(Asker.Owner, own, "own");
        await FillAsync(Asker.Stranger, other, Marker);
        // Keys that the doors make when they are first needed.
        await server.SendAsync(new RawRequest("GET", "/api/atlas/v2", [], null));
        await server.SendAsync(new RawRequest("POST", "/api/atlas/v2/groups", [("Authorization", $"Bearer {tokens[Asker.ReadOnly]}"), ("Idempotency-Key", "first")], null));
        prepared = doors.Store.Everything;
    }

    private async Task PersonAsync(Asker asker, OrgId org, ProjectId? project, string role)
    {
        var roles = ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty;
        var clientId = $"mdb_sa_id_{(int)asker:x24}";
        await doors.Store.SaveAsync(
            new ServiceAccount(clientId, ApiKeySecrets.SecretSha256("s"), org, project is { } p ? roles.Add(p, [role]) : roles, project is null ? [role] : []), CancellationToken.None);
        tokens[asker] = (await doors.Services.GetRequiredService<AccessTokens>().IssueAsync(clientId, CancellationToken.None)).Token;
    }

    private async Task FillAsync(Asker asker, Known known, string name)
    {
        var group = $"/api/atlas/v2/groups/{known.Project}";
        var role = (await SendAsync(asker, "POST", $"{group}/cloudProviderAccess", """{"providerName":"AWS"}"""))!["roleId"]!.GetValue<string>();
        (string Method, string Path, string Body)[] good =
        [
            ("PATCH", $"/cloudProviderAccess/{role}", $$"""{"providerName":"AWS","iamAssumedRoleArn":"{{FakeKms.RoleArn}}"}"""),
            ("PATCH", "/encryptionAtRest", $$$"""{"awsKms":{"enabled":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1"}}"""),
            ("POST", "/clusters", $$$"""{"name":"{{{name}}}","clusterType":"REPLICASET","encryptionAtRestProvider":"AWS","replicationSpecs":[{"zoneName":"{{{name}}}","regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}"""),
            ("POST", "/accessList", $$$"""[{"ipAddress":"10.9.8.7","comment":"{{{name}}}"}]"""),
            ("POST", "/apiKeys", $$$"""{"desc":"{{{name}}}","roles":["GROUP_READ_ONLY"]}"""),
            ("POST", "/serviceAccounts", $$$"""{"name":"{{{name}}}","description":"{{{name}}}","roles":["GROUP_READ_ONLY"],"secretExpiresAfterHours":100}"""),
            ("POST", "/alertConfigs", $$$"""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","enabled":true,"notifications":[{"typeName":"EMAIL","emailAddress":"{{{name}}}@example.com","intervalMin":60,"delayMin":0}]}"""),
            ("POST", "/containers", """{"providerName":"AWS","regionName":"US_EAST_1","atlasCidrBlock":"192.168.0.0/21"}"""),
            ("POST", "/flexClusters", $$$"""{"name":"{{{name}}}flex","providerSettings":{"backingProviderName":"AWS","regionName":"US_EAST_1"}}"""),
            ("POST", "/encryptionAtRest/AWS/privateEndpoints", """{"regionName":"US_EAST_1"}"""),
        ];
        foreach (var (method, path, body) in good)
            await SendAsync(asker, method, group + path, body);
        foreach (var operation in OpenApi.Own.Operations.Where(o => o.Method == "get"))
        {
            var path = operation.Path.Replace("{groupId}", known.Project, StringComparison.Ordinal).Replace("{cloudProvider}", "AWS", StringComparison.Ordinal);
            if (!path.Contains('{', StringComparison.Ordinal))
                known.Learn(operation.Path, await SendAsync(asker, "GET", path, null));
        }
    }

    private async Task<JsonNode?> SendAsync(Asker asker, string method, string path, string? body)
    {
        var headers = new List<(string, string)> { ("Accept", "application/vnd.atlas.2025-03-12+json"), ("Authorization", $"Bearer {tokens[asker]}") };
        if (body is not null)
            headers.Add(("Content-Type", "application/json"));
        var answer = await SendAsync(new RawRequest(method, path, headers, body is null ? null : Encoding.UTF8.GetBytes(body)));
        if (Environment.GetEnvironmentVariable("EAR_FUZZ_TRACE") is not null && answer.Status >= 300)
            Console.WriteLine($"{method} {path} {answer}");
        try
        {
            return answer.Text.Length == 0 ? null : JsonNode.Parse(answer.Text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
