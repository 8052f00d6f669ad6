using Ear.Functions.Tests.Http.World;
using Ear.PrivateEndpoints;

namespace Ear.Functions.Tests.PrivateEndpoints;

/// <summary>What endpoints forbid elsewhere (R58, R61, R68–R71).</summary>
public sealed class PrivateNetworkingTests
{
    private static readonly PrivateLinkSight Up = new PrivateLinkSight.Up("ear-orders");

    [Fact]
    public async Task While_endpoints_exist_the_provider_stays_on_in_private_and_with_its_vault()
    {
        await using var project = await AzureProject.OpenAsync();
        var id = await project.MakeAsync();

        foreach (var body in new[] { """{"azureKeyVault":{"enabled":false}}""", """{"azureKeyVault":{"requirePrivateNetworking":false}}""" })
        {
            var refused = await project.PatchAsync(body);
            refused.Refused(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS");
            Assert.Equal($"""[["{id}"]]""", refused.Body!["parameters"]!.ToJsonString());
        }
        var moved = await project.PatchAsync("""{"azureKeyVault":{"resourceGroupName":"other","subscriptionID":"bbbbbbbb-0000-0000-0000-00000000000f"}}""");
        moved.Refused(400, "INVALID_ATTRIBUTE");
        Assert.Equal(["azureKeyVault.subscriptionID", "azureKeyVault.resourceGroupName"], moved.Body!["badRequestDetail"]!["fields"]!.AsArray().Select(f => f!["field"]!.GetValue<string>()));
        Assert.Equal(200, (await project.PatchAsync($$$"""{"azureKeyVault":{"keyIdentifier":"{{{AzureProject.NextKeyId}}}"}}""")).Status);

        await project.DeleteAsync(id);
        (await project.PatchAsync("""{"azureKeyVault":{"enabled":false}}""")).Refused(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS");
        await project.LookAsync(id);
        Assert.Equal(200, (await project.PatchAsync("""{"azureKeyVault":{"enabled":false}}""")).Status);
    }

    [Fact]
    public async Task A_body_that_a_client_read_and_sends_back_changes_nothing()
    {
        await using var project = await AzureProject.OpenAsync();
        await project.MakeAsync();
        var read = await project.Owner.GetAsync($"{project.Doors.Group}/encryptionAtRest", Doors.Json);
        var before = (await project.Doors.EventsAsync()).Count;

        Assert.Equal(200, (await project.PatchAsync(read.Body!.ToJsonString())).Status);

        Assert.Equal(before, (await project.Doors.EventsAsync()).Count);
    }

    [Fact]
    public async Task Where_endpoints_are_in_use_a_new_cluster_needs_an_active_one_in_its_region()
    {
        await using var project = await AzureProject.OpenAsync();
        var id = await project.MakeAsync();
        (await project.CreateClusterAsync("US_EAST_2")).Refused(400, "INVALID_REGION");

        await project.BecomesAsync(id, Up);

        (await project.CreateClusterAsync("UK_SOUTH")).Refused(400, "INVALID_REGION");
        Assert.Equal(201, (await project.CreateClusterAsync("US_EAST_2")).Status);
        Assert.Single(project.Doors.Woken);
        (await project.Owner.SendJsonAsync(HttpMethod.Patch, $"{project.Doors.Group}/clusters/orders",
            """{"replicationSpecs":[{"regionConfigs":[{"providerName":"AZURE","regionName":"UK_SOUTH","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}""")).Refused(400, "INVALID_REGION");
        Assert.Equal(200, (await project.Owner.SendJsonAsync(HttpMethod.Patch, $"{project.Doors.Group}/clusters/orders", """{"tags":[{"key":"team","value":"shop"}]}""")).Status);
    }

    [Fact]
    public async Task A_cluster_in_another_cloud_cannot_use_the_key_in_private_and_keeps_it_in_public()
    {
        await using var project = await AzureProject.OpenAsync(isPrivate: false);
        Assert.Equal(201, (await project.CreateClusterAsync("US_EAST_1", "AWS")).Status);

        var refused = await project.PatchAsync("""{"azureKeyVault":{"requirePrivateNetworking":true}}""");

        refused.Refused(400, "ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED");
        Assert.Contains("orders", refused.Text("detail"), StringComparison.Ordinal);
        await using var other = await AzureProject.OpenAsync();
        (await other.CreateClusterAsync("US_EAST_1", "AWS")).Refused(400, "ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED");
    }
}
