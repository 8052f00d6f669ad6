using System.Text.Json.Nodes;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Clients;

/// <summary>The Atlas Kubernetes operator reconciling a project (spec atlas-ear §3.7).</summary>
public sealed class OperatorTests
{
    private const string Path = "/encryptionAtRest";
    private static readonly string[] Compared = ["enabled", "valid", "region", "customerMasterKeyID", "roleId"];

    [Fact]
    public async Task It_finds_the_role_by_its_ARN_patches_once_and_then_sees_no_difference()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        using var owner = await doors.OwnerAsync();
        await doors.AuthorizedRoleAsync(owner);

        var roles = (await sdk.GetAsync("/cloudProviderAccess")).Body!["awsIamRoles"]!.AsArray();
        var role = roles.Single(r => r!["iamAssumedRoleArn"]!.GetValue<string>() == FakeKms.RoleArn)!["roleId"]!.GetValue<string>();
        var wanted = new JsonObject { ["enabled"] = true, ["customerMasterKeyID"] = FakeKms.Key, ["region"] = "US_EAST_1", ["roleId"] = role };
        var before = (await sdk.GetAsync(Path)).Body!["awsKms"]!;
        Assert.False(before["enabled"]!.GetValue<bool>());

        var patched = await sdk.PatchAsync(Path, All(wanted));

        Assert.Equal(200, patched.Status);
        var after = (await sdk.GetAsync(Path)).Body!["awsKms"]!.AsObject();
        wanted["valid"] = after["valid"]!.DeepClone();
        Assert.All(Compared, field => Assert.Equal(wanted[field]!.ToJsonString(), after[field]!.ToJsonString()));

        // A later reconciliation sends the block with the valid that it read.
        Assert.Equal(patched.Body!.ToJsonString(), (await sdk.PatchAsync(Path, All(wanted))).Body!.ToJsonString());
    }

    [Fact]
    public async Task Without_its_section_all_three_are_turned_off_and_off_once_more_is_no_error()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);

        for (var i = 0; i < 2; i++)
        {
            var off = await sdk.PatchAsync(Path, All(new JsonObject { ["enabled"] = false }));
            Assert.Equal((200, """{"enabled":false}"""), (off.Status, off.Body!["awsKms"]!.ToJsonString()));
        }
    }

    [Fact]
    public async Task A_cluster_on_the_key_turns_the_condition_false_with_the_errors_text()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        Assert.Equal(201, (await sdk.PostAsync("/clusters", AtlasSdk.Orders, "2024-10-23")).Status);

        var refused = await sdk.PatchAsync(Path, All(new JsonObject { ["enabled"] = false }));

        Assert.Contains("HTTP 409 Conflict (Error code: \"CANNOT_DISABLE_ENCRYPTION_AT_REST\")", AtlasSdk.ErrorText(refused));
    }

    [Theory]
    [InlineData("2023-01-01")]
    [InlineData("2023-10-01")]
    public async Task A_project_without_a_compliance_policy_has_an_empty_one_which_is_how_it_knows(string version)
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);

        var policy = await sdk.GetAsync("/backupCompliancePolicy", version);

        Assert.Equal((200, "{}"), (policy.Status, policy.Body!.ToJsonString()));
    }

    private static string All(JsonObject aws) => new JsonObject
    {
        ["awsKms"] = aws.DeepClone(),
        ["azureKeyVault"] = new JsonObject { ["enabled"] = false },
        ["googleCloudKms"] = new JsonObject { ["enabled"] = false },
    }.ToJsonString();
}
