using Ear.Functions.Tests.Http.World;

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
        Assert.Equal(404, (await sdk.GetAsync("/encryptionAtRest/AZURE/privateEndpoints/0123456789abcdef01234567")).Status);
        Assert.Equal(404, (await sdk.DeleteAsync("/encryptionAtRest/AZURE/privateEndpoints/0123456789abcdef01234567")).Status);
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
