using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Clients;

/// <summary>MongoDB's MCP server: a service account, and one version for every path (spec atlas-ear §3.8).</summary>
public sealed class ModelContextTests
{
    private const string Version = "2025-03-12";

    [Fact]
    public async Task It_gets_a_token_reads_the_key_and_creates_a_cluster_that_uses_it()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        using var client = await WithTokenAsync(doors);
        using var sdk = AtlasSdk.With(doors, client);

        Assert.Single((await sdk.GetAsync("/api/atlas/v2/groups", Version)).Body!["results"]!.AsArray());
        Assert.Equal(200, (await sdk.GetAsync("/clusters", Version)).Status);
        var aws = (await sdk.GetAsync("/encryptionAtRest", Version)).Body!["awsKms"]!;
        Assert.Equal((true, true), (aws["enabled"]!.GetValue<bool>(), aws["valid"]!.GetValue<bool>()));
        Assert.NotNull((await sdk.GetAsync("/api/private/ipinfo", Version)).Body!["currentIpv4Address"]);
        var created = await sdk.PostAsync("/clusters", AtlasSdk.Orders, Version);

        Assert.Equal((201, "AWS"), (created.Status, created.Text("encryptionAtRestProvider")));
        Assert.Equal("application/vnd.atlas.2024-10-23+json", created.Message.Content.Headers.ContentType?.ToString());
        Assert.Equal("CREATING", (await sdk.GetAsync("/clusters/orders", Version)).Text("stateName"));
    }

    [Fact]
    public async Task Who_may_not_change_keys_still_creates_a_cluster_without_them()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.With(doors, await doors.AsAsync("GROUP_CLUSTER_CREATOR"));
        var read = await sdk.GetAsync("/encryptionAtRest", Version);

        // It takes 403, and only 403, to mean NONE; any other refusal would end its command.
        Assert.True(read.Status is 200 or 403, read.Body?.ToJsonString());
        Assert.Equal(201, (await sdk.PostAsync("/clusters", AtlasSdk.Orders.Replace("\"AWS\",\"replicationSpecs\"", "\"NONE\",\"replicationSpecs\""), Version)).Status);
    }

    private static async Task<HttpClient> WithTokenAsync(Doors doors)
    {
        var client = doors.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/oauth/token") { Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{doors.First.ClientId}:{doors.First.ClientSecret}")));
        var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var token = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["access_token"]!.GetValue<string>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
