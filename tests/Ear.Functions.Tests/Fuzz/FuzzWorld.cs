using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Functions.Agents;
using Ear.Functions.Http.Access;
using Ear.Functions.Tests.ApiDocument;
using Ear.Functions.Tests.Http.World;
using Ear.Functions.Tests.PrivateEndpoints;
using Ear.Nodes;
using Ear.Projects;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>Two projects of two organisations with something in every collection, and people of different rights in the first. Each session begins with exactly this.</summary>
internal sealed class FuzzWorld : IAsyncDisposable
{
    /// <summary>In the name of everything of the other project, and in nothing else.</summary>
    public const string Marker = "zq7other";

    /// <summary>Of the one who reads; its secret is s.</summary>
    public static readonly string Client = ClientOf(Asker.ReadOnly);
    private readonly Doors doors;
    private readonly InProcessServer server;
    private readonly LastFailure failure;
    private readonly Dictionary<Asker, string> tokens = [];
    private object prepared = null!;
    private AgentRequests agents = null!;
    private Known own = null!;
    private Known other = null!;

    private FuzzWorld(Doors doors, InProcessServer server, LastFailure failure) => (this.doors, this.server, this.failure) = (doors, server, failure);

    /// <summary>What the newest answer of 500 hid; null when there was none.</summary>
    public Exception? Failure => failure.Seen;

    public object Stored => doors.Store.Everything;

    public bool IsUnchangedSince(object stored) => doors.Store.IsUnchangedSince(stored);

    public static async Task<FuzzWorld> OpenAsync()
    {
        var server = new InProcessServer();
        var failure = new LastFailure();
        var doors = await Doors.OpenAsync(
            new Dictionary<string, string?> { ["Ear:Http:RequestsPerSecond"] = "0" }, more: [typeof(AgentDoors)], with: services =>
                services.AddSingleton<ILoggerProvider>(failure).AddSingleton<IServer>(server).AddSingleton<IReportListener, NoListener>().AddAgents(new ConfigurationBuilder().Build()));
        var world = new FuzzWorld(doors, server, failure);
        await world.PrepareAsync();
        return world;
    }

    public Session Begin()
    {
        doors.Store.Everything = prepared;
        // Its memory of keys is not of the store.
        return new Session(this, own.Copy(), other, asker => tokens[asker], agents);
    }

    public Task<RawAnswer> SendAsync(RawRequest request) => server.SendAsync(request);

    public ValueTask DisposeAsync() => doors.DisposeAsync();

    private async Task PrepareAsync()
    {
        doors.AzureKms.Answers(AzureProject.KeyId, new KeyVerdict.Valid());
        var first = doors.First;
        var foreignOrg = HexId.TryParse<OrgId>("f0e1d2c3b4a5968778695a4b", out var id) ? id : throw new InvalidOperationException();
        await PersonAsync(Asker.Organization, first.OrgId, null, "ORG_OWNER");
        await PersonAsync(Asker.Owner, first.OrgId, first.ProjectId, "GROUP_OWNER");
        await PersonAsync(Asker.ReadOnly, first.OrgId, first.ProjectId, "GROUP_READ_ONLY");
        await PersonAsync(Asker.ClusterManager, first.OrgId, first.ProjectId, "GROUP_CLUSTER_MANAGER");
        await PersonAsync(Asker.Stranger, foreignOrg, null, "ORG_OWNER");
        await PersonAsync(Asker.Roleless, first.OrgId, null, null);
        var made = await SendAsync(Asker.Stranger, "POST", "/api/atlas/v2/groups", $$"""{"name":"{{Marker}}","orgId":"{{foreignOrg.Value}}"}""");
        _ = HexId.TryParse<ProjectId>(made!["id"]!.GetValue<string>(), out var foreign);
        own = new Known(first.ProjectId.Value, (await doors.ProjectAsync()).Name, first.OrgId.Value);
        other = new Known(foreign.Value, Marker, foreignOrg.Value);
        await FillAsync(Asker.Owner, own, "own");
        await FillAsync(Asker.Stranger, other, Marker);
        var nodes = new List<FuzzNode>();
        foreach (var (project, name) in new[] { (first.ProjectId, "own"), (foreign, Marker) })
            await NodesAsync(project, name, nodes);
        agents = new AgentRequests(nodes, await doors.Services.GetRequiredService<SealingKey>().PublicKeyAsync(CancellationToken.None), doors.Time);
        // Keys that the doors make when they are first needed.
        await server.SendAsync(new RawRequest("GET", "/api/atlas/v2", [], null));
        await server.SendAsync(new RawRequest("POST", "/api/atlas/v2/groups", [("Authorization", $"Bearer {tokens[Asker.ReadOnly]}"), ("Idempotency-Key", "first")], null));
        prepared = doors.Store.Everything;
    }

    private static string ClientOf(Asker asker) => $"mdb_sa_id_{(int)asker:x24}";

    private async Task PersonAsync(Asker asker, OrgId org, ProjectId? project, string? role)
    {
        var roles = ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty;
        var clientId = ClientOf(asker);
        await doors.Store.SaveAsync(
            new ServiceAccount(clientId, ApiKeySecrets.SecretSha256("s"), org, project is { } p ? roles.Add(p, [role!]) : roles, project is null && role is not null ? [role] : []), CancellationToken.None);
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
            ("PATCH", "/encryptionAtRest", $$$"""{"azureKeyVault":{"enabled":true,"azureEnvironment":"AZURE","clientID":"bbbbbbbb-0000-0000-0000-000000000001","subscriptionID":"bbbbbbbb-0000-0000-0000-000000000002","tenantID":"bbbbbbbb-0000-0000-0000-000000000003","resourceGroupName":"shop","keyVaultName":"orders","keyIdentifier":"{{{AzureProject.KeyId}}}","secret":"{{{Words.Secret}}}","requirePrivateNetworking":true}}"""),
            ("POST", "/clusters", $$$"""{"name":"{{{name}}}","clusterType":"REPLICASET","encryptionAtRestProvider":"AWS","replicationSpecs":[{"zoneName":"{{{name}}}","regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}"""),
            ("POST", "/accessList", $$$"""[{"ipAddress":"10.9.8.7","comment":"{{{name}}}"}]"""),
            ("POST", "/apiKeys", $$$"""{"desc":"{{{name}}}","roles":["GROUP_READ_ONLY"]}"""),
            ("POST", "/serviceAccounts", $$$"""{"name":"{{{name}}}","description":"{{{name}}}","roles":["GROUP_READ_ONLY"],"secretExpiresAfterHours":100}"""),
            ("POST", "/alertConfigs", $$$"""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","enabled":true,"notifications":[{"typeName":"EMAIL","emailAddress":"{{{name}}}@example.com","intervalMin":60,"delayMin":0}]}"""),
            ("POST", "/containers", """{"providerName":"AWS","regionName":"US_EAST_1","atlasCidrBlock":"192.168.0.0/21"}"""),
            ("POST", "/flexClusters", $$$"""{"name":"{{{name}}}flex","providerSettings":{"backingProviderName":"AWS","regionName":"US_EAST_1"}}"""),
            ("POST", "/encryptionAtRest/AZURE/privateEndpoints", """{"cloudProvider":"AZURE","regionName":"US_EAST_2"}"""),
        ];
        foreach (var (method, path, body) in good)
            await SendAsync(asker, method, group + path, body);
        _ = HexId.TryParse<ProjectId>(known.Project, out var id);
        var alert = new Alert(HexId.TryParse<AlertId>("00000000000000000000a1e7", out var alertId) ? alertId : default, id, "AWS_ENCRYPTION_KEY_INVALID", "AWS", AlertStatus.Open, doors.Time.GetUtcNow(), doors.Time.GetUtcNow());
        await doors.Store.SaveAsync(alert, 0, [], CancellationToken.None);
        foreach (var operation in OpenApi.Own.Operations.Where(o => o.Method == "get"))
        {
            var path = operation.Path.Replace("{groupId}", known.Project, StringComparison.Ordinal).Replace("{cloudProvider}", "AZURE", StringComparison.Ordinal);
            if (!path.Contains('{', StringComparison.Ordinal))
                known.Learn(operation.Path, await SendAsync(asker, "GET", path, null));
        }
    }

    /// <summary>One that is enrolled, one that is not yet, one that was removed.</summary>
    private async Task NodesAsync(ProjectId project, string cluster, List<FuzzNode> nodes)
    {
        var found = (await doors.Store.FindAsync(project, ClusterName.Parse(cluster, null), CancellationToken.None))!.Document;
        for (var i = 0; i < 3; i++)
        {
            var token = $"{cluster}-token-{i}";
            var node = new FuzzNode(project, NodeId.FromValid($"{project.Value[..8]}{i:x16}"), ECDsa.Create(ECCurve.NamedCurves.nistP256), token, cluster == Marker);
            var goal = new NodeGoal(AgentRequests.Goal, 1, WantedProcess.Running, EncryptionMode.None, "M10", found.ReplicaSetName, GoalVerdict.None, null);
            await doors.Store.SaveAsync(
                new Node(node.Id, project, found.Ref, i, goal)
                {
                    AgentKey = i == 1 ? null : Convert.ToBase64String(node.Key.ExportSubjectPublicKeyInfo()),
                    Enrolment = new Enrolment(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))), doors.Time.GetUtcNow().AddHours(1)),
                    Removed = i == 2,
                },
                0, [], CancellationToken.None);
            nodes.Add(node);
        }
    }

    private sealed class NoListener : IReportListener
    {
        public Task ReportedAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
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
