using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;
using Ear.PrivateEndpoints;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.PrivateEndpoints;

/// <summary>A project whose key is in an Azure vault, with or without private networking, as its owner sees it.</summary>
internal sealed class AzureProject : IAsyncDisposable
{
    public const string KeyId = "https://orders.vault.azure.net/keys/cmk/0123456789abcdef0123456789abcdef";
    public const string NextKeyId = "https://orders.vault.azure.net/keys/cmk/ffffffffffffffffffffffffffffffff";

    private AzureProject(Doors doors, HttpClient owner) => (Doors, Owner) = (doors, owner);

    public Doors Doors { get; }

    public HttpClient Owner { get; }

    public string Endpoints => $"{Doors.Group}/encryptionAtRest/AZURE/privateEndpoints";

    public static async Task<AzureProject> OpenAsync(
        bool isPrivate = true, bool engine = false, IReadOnlyDictionary<string, string?>? settings = null, IReadOnlyList<IPrivateLink>? links = null)
    {
        Type[] functions = engine ? [typeof(Functions.PrivateEndpoints.ProvisionPrivateEndpoint), typeof(Functions.PrivateEndpoints.PrivateEndpointActivities)] : [];
        var doors = await Doors.OpenAsync(settings, functions, engine, links);
        doors.AzureKms.Answers(KeyId, new KeyVerdict.Valid());
        doors.AzureKms.Answers(NextKeyId, new KeyVerdict.Valid());
        var project = new AzureProject(doors, await doors.OwnerAsync());
        var enabled = await project.PatchAsync($$$"""
            {"azureKeyVault":{"enabled":true,"azureEnvironment":"AZURE","clientID":"bbbbbbbb-0000-0000-0000-000000000001","subscriptionID":"bbbbbbbb-0000-0000-0000-000000000002",
            "tenantID":"bbbbbbbb-0000-0000-0000-000000000003","resourceGroupName":"shop","keyVaultName":"orders","keyIdentifier":"{{{KeyId}}}","secret":"s","requirePrivateNetworking":{{{(isPrivate ? "true" : "false")}}}}}
            """);
        Assert.Equal(200, enabled.Status);
        Assert.Equal(isPrivate, enabled.Body!["azureKeyVault"]!["requirePrivateNetworking"]!.GetValue<bool>());
        return project;
    }

    public Task<Answer> PatchAsync(string body) => Owner.SendJsonAsync(HttpMethod.Patch, $"{Doors.Group}/encryptionAtRest", body);

    public Task<Answer> PostAsync(string region = "US_EAST_2") => Owner.SendJsonAsync(HttpMethod.Post, Endpoints, $$"""{"cloudProvider":"AZURE","regionName":"{{region}}"}""");

    public async Task<PrivateEndpointId> MakeAsync(string region = "US_EAST_2") => PrivateEndpointId.Parse((await PostAsync(region)).Text("id"), null);

    public Task<Answer> GetAsync(PrivateEndpointId id) => Owner.GetAsync($"{Endpoints}/{id}", Doors.Json);

    public Task<Answer> DeleteAsync(PrivateEndpointId id) => Owner.SendJsonAsync(HttpMethod.Delete, $"{Endpoints}/{id}");

    public async Task<string> StatusAsync(PrivateEndpointId id) => await GetAsync(id) is { Status: 200 } answer ? answer.Text("status") : "404";

    /// <summary>As the orchestration would, now.</summary>
    public Task LookAsync(PrivateEndpointId id) => Doors.Services.GetRequiredService<PrivateEndpointProvisioning>().LookAsync(new(Doors.First.ProjectId, id), TestContext.Current.CancellationToken);

    public async Task BecomesAsync(PrivateEndpointId id, PrivateLinkSight sight)
    {
        await LookAsync(id);
        Doors.Link(KeyProvider.Azure).Becomes(id, sight);
        await LookAsync(id);
    }

    public Task<Answer> CreateClusterAsync(string region, string cloud = "AZURE", string name = "orders") => Owner.SendJsonAsync(HttpMethod.Post, $"{Doors.Group}/clusters", new JsonObject
    {
        ["name"] = name,
        ["clusterType"] = "REPLICASET",
        ["encryptionAtRestProvider"] = "AZURE",
        ["replicationSpecs"] = JsonNode.Parse($$$"""[{"regionConfigs":[{"providerName":"{{{cloud}}}","regionName":"{{{region}}}","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]"""),
    }.ToJsonString());

    public async ValueTask DisposeAsync()
    {
        Owner.Dispose();
        await Doors.DisposeAsync();
    }
}
