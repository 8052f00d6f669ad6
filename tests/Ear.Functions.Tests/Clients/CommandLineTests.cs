using Ear.Functions.Tests.Http.World;
using Ear.Functions.Tests.PrivateEndpoints;

namespace Ear.Functions.Tests.Clients;

/// <summary>The Atlas CLI (spec atlas-ear §3.6).</summary>
public sealed class CommandLineTests
{
    private const string Policy = "/backupCompliancePolicy";

    [Fact]
    public async Task Each_command_of_atlas_api_is_one_request()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);

        Assert.Equal(200, (await sdk.GetAsync("/encryptionAtRest")).Status);
        (await sdk.PatchAsync("/encryptionAtRest", "{}")).Refused(400, "MISSING_ENCRYPTION_AT_REST_PROVIDER");
        Assert.Equal(200, (await sdk.GetAsync("/encryptionAtRest/AZURE/privateEndpoints")).Status);
        (await sdk.GetAsync("/encryptionAtRest/AZURE/privateEndpoints/0123456789abcdef01234567")).Refused(404, "RESOURCE_NOT_FOUND");
        (await sdk.DeleteAsync("/encryptionAtRest/AZURE/privateEndpoints/0123456789abcdef01234567")).Refused(404, "RESOURCE_NOT_FOUND");
    }

    [Fact]
    public async Task The_compliance_policys_encryption_is_turned_on_by_a_GET_and_a_PUT_of_what_it_answered()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        const string version = "2023-10-01";
        Assert.Equal(200, (await sdk.PutAsync(Policy, """{"authorizedEmail":"a@example.com","authorizedUserFirstName":"Ada","authorizedUserLastName":"L"}""", version)).Status);

        var policy = (await sdk.GetAsync(Policy, version)).Body!.AsObject();
        policy["encryptionAtRestEnabled"] = true;
        var put = await sdk.PutAsync($"{Policy}?overwriteBackupPolicies=false", policy.ToJsonString(), version);

        Assert.True(put.Status == 200, put.Body?.ToJsonString());
        Assert.True((await sdk.GetAsync(Policy, version)).Body!["encryptionAtRestEnabled"]!.GetValue<bool>());
        (await sdk.PostAsync("/clusters", AtlasSdk.Orders.Replace("\"AWS\",\"replicationSpecs\"", "\"NONE\",\"replicationSpecs\""), "2024-10-23"))
            .Refused(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY");
    }

    [Fact]
    public async Task And_off_again_by_the_same_two_requests_after_which_a_cluster_may_be_without_a_key()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        const string version = "2023-10-01";
        Assert.Equal(200, (await sdk.PutAsync(Policy, """{"authorizedEmail":"a@example.com","authorizedUserFirstName":"Ada","authorizedUserLastName":"L","encryptionAtRestEnabled":true}""", version)).Status);
        Assert.Equal(201, (await sdk.PostAsync("/clusters", AtlasSdk.Orders, "2024-10-23")).Status);
        await sdk.ReachAsync();
        (await sdk.PatchAsync("/clusters/orders", """{"encryptionAtRestProvider":"NONE"}""", "2024-10-23")).Refused(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY");
        Assert.Equal(202, (await sdk.DeleteAsync("/clusters/orders", "2023-02-01")).Status);
        await sdk.GoneAsync();
        (await sdk.PatchAsync("/encryptionAtRest", """{"awsKms":{"enabled":false}}"""))
            .Refused(400, "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED");

        var policy = (await sdk.GetAsync(Policy, version)).Body!.AsObject();
        policy["encryptionAtRestEnabled"] = false;
        var put = await sdk.PutAsync($"{Policy}?overwriteBackupPolicies=false", policy.ToJsonString(), version);

        Assert.True(put.Status == 200, put.Body?.ToJsonString());
        Assert.Equal((false, "ACTIVE"), (put.Body!["encryptionAtRestEnabled"]!.GetValue<bool>(), put.Text("state")));
        Assert.Equal(200, (await sdk.PatchAsync("/encryptionAtRest", """{"awsKms":{"enabled":false}}""")).Status);
        Assert.Equal(201, (await sdk.PostAsync("/clusters", AtlasSdk.Orders.Replace("\"AWS\",\"replicationSpecs\"", "\"NONE\",\"replicationSpecs\""), "2024-10-23")).Status);

        // And the policy as a whole, as its Terraform resource destroys it.
        Assert.Equal(204, (await sdk.DeleteAsync(Policy, "2024-11-13")).Status);
        Assert.Equal("{}", (await sdk.GetAsync(Policy, version)).Body!.ToJsonString());
    }

    [Fact]
    public async Task A_private_endpoint_goes_its_way_by_one_request_for_each_command()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        const string endpoints = "/encryptionAtRest/AZURE/privateEndpoints";

        var made = await sdk.PostAsync(endpoints, """{"regionName":"US_EAST_2"}""");

        Assert.Equal((202, "INITIATING"), (made.Status, made.Text("status")));
        Assert.Equal(made.Text("id"), (await sdk.GetAsync(endpoints)).Body!["results"]![0]!["id"]!.GetValue<string>());
        Assert.Equal("US_EAST_2", (await sdk.GetAsync($"{endpoints}/{made.Text("id")}")).Text("regionName"));
        Assert.Equal(204, (await sdk.DeleteAsync($"{endpoints}/{made.Text("id")}")).Status);
        Assert.Equal("DELETING", (await sdk.GetAsync($"{endpoints}/{made.Text("id")}")).Text("status"));
    }

    [Fact]
    public async Task A_file_of_a_cluster_goes_through_with_its_provider()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        using var sdk = AtlasSdk.WithKey(doors);

        Assert.Equal("AWS", (await sdk.PostAsync("/clusters", AtlasSdk.Orders, "2024-10-23")).Text("encryptionAtRestProvider"));
        await sdk.ReachAsync();
        var without = AtlasSdk.Orders.Replace("\"AWS\",\"replicationSpecs\"", "\"NONE\",\"replicationSpecs\"");

        Assert.Equal("NONE", (await sdk.PatchAsync("/clusters/orders", without, "2024-10-23")).Text("encryptionAtRestProvider"));
    }
}
