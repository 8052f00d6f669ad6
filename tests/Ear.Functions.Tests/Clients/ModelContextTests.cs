using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;
using Ear.Projects;

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

    [Theory]
    [InlineData("AWS", "AWS")]
    [InlineData("GCP", "NONE")]
    public async Task The_provider_of_a_cluster_is_the_key_of_its_own_cloud_or_none(string cloud, string expected)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        using var sdk = AtlasSdk.With(doors, await WithTokenAsync(doors));

        Assert.Equal(expected, await ProviderAsync(sdk, cloud));
    }

    [Fact]
    public async Task A_key_that_is_not_valid_now_is_none_and_the_cluster_is_made_without()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        doors.Kms.Answers(FakeKms.Key, InvalidReason.KeyDisabled);
        using var sdk = AtlasSdk.With(doors, await WithTokenAsync(doors));

        Assert.Equal("NONE", await ProviderAsync(sdk, "AWS"));
        Assert.Equal(201, (await sdk.PostAsync("/clusters", Cluster("NONE"), Version)).Status);
    }

    [Fact]
    public async Task A_stranger_is_no_403_and_so_ends_its_command_instead_of_making_a_cluster_without_the_key()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.With(doors, await doors.AsAsync());

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => ProviderAsync(sdk, "AWS"));

        Assert.StartsWith("401", fault.Message);
    }

    /// <summary>In Ear every member of a project may read its keys, so 403 is an answer that the server never has to make something of; which key a cluster uses is the Project Owner's affair.</summary>
    [Fact]
    public async Task Who_may_create_clusters_and_not_choose_their_key_reads_it_is_told_whose_it_is_and_creates_without()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        using var sdk = AtlasSdk.With(doors, await doors.AsAsync("GROUP_CLUSTER_CREATOR"));
        var provider = await ProviderAsync(sdk, "AWS");
        Assert.Equal("AWS", provider);

        var refused = await sdk.PostAsync("/clusters", Cluster(provider), Version);
        refused.Refused(403, "ACCESS_FORBIDDEN");
        Assert.Contains("Project Owner", refused.Text("detail"));
        Assert.Contains("encryptionAtRestProvider", refused.Text("detail"));

        // Its argument encryptionAtRestProvider: NONE.
        Assert.Equal("NONE", (await sdk.PostAsync("/clusters", Cluster("NONE"), Version)).Text("encryptionAtRestProvider"));
    }

    [Fact]
    public async Task Every_role_of_a_project_reads_the_keys()
    {
        await using var doors = await Doors.OpenAsync();
        foreach (var role in Role.OfProjects)
        {
            using var sdk = AtlasSdk.With(doors, await doors.AsAsync(role.AtlasName));
            Assert.Equal("NONE", await ProviderAsync(sdk, "AWS"));
        }
    }

    [Fact]
    public async Task When_it_closes_it_gives_its_token_back_which_opens_nothing_any_more()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = await WithTokenAsync(doors);
        using var sdk = AtlasSdk.With(doors, client);
        Assert.Equal(200, (await sdk.GetAsync("/encryptionAtRest", Version)).Status);
        using var revoke = new HttpRequestMessage(HttpMethod.Post, "/api/oauth/revoke")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("token", client.DefaultRequestHeaders.Authorization!.Parameter!), KeyValuePair.Create("token_type_hint", "access_token")]),
        };
        revoke.Headers.Authorization = Basic(doors);

        Assert.Equal(200, (int)(await doors.Anonymous().SendAsync(revoke, TestContext.Current.CancellationToken)).StatusCode);

        (await sdk.GetAsync("/encryptionAtRest", Version)).Refused(401, "USER_UNAUTHORIZED");
    }

    /// <summary>What it makes of the read: the block of the cluster's cloud, when enabled and valid; none after a 403, and only after that.</summary>
    private static async Task<string> ProviderAsync(AtlasSdk sdk, string cloud)
    {
        var read = await sdk.GetAsync("/encryptionAtRest", Version);
        if (read.Status == 403)
            return "NONE";
        if (read.Status != 200)
            throw new InvalidOperationException($"{read.Status} {read.ErrorCode}");
        var block = read.Body![cloud switch { "AWS" => "awsKms", "AZURE" => "azureKeyVault", _ => "googleCloudKms" }];
        return block?["enabled"]?.GetValue<bool>() is true && block["valid"]?.GetValue<bool>() is true ? cloud : "NONE";
    }

    private static string Cluster(string provider) => AtlasSdk.Orders.Replace("\"AWS\",\"replicationSpecs\"", $"\"{provider}\",\"replicationSpecs\"");

    private static AuthenticationHeaderValue Basic(Doors doors) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{doors.First.ClientId}:{doors.First.ClientSecret}")));

    private static async Task<HttpClient> WithTokenAsync(Doors doors)
    {
        var client = doors.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/oauth/token") { Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]) };
        request.Headers.Authorization = Basic(doors);
        var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var token = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["access_token"]!.GetValue<string>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
