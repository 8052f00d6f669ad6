using System.Text.Json.Nodes;
using Amazon.KeyManagementService.Model;

namespace Ear.Local.Demo.Steps;

internal static class ConfigureKey
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        var key = await stage.Kms!.CreateKeyAsync(new CreateKeyRequest { Description = "orders" }, cancellation);
        stage.KeyArn = key.KeyMetadata.Arn;
        log.Check("the AWS SDK created a key", key.KeyMetadata.KeyState.Value == "Enabled", stage.KeyArn);

        var role = await stage.Api.PostAsync($"{stage.ProjectPath}/cloudProviderAccess", new JsonObject { ["providerName"] = "AWS" }, cancellation);
        stage.RoleId = role.Body!["roleId"]!.GetValue<string>();
        var arn = await stage.KmsControl.CreateRoleAsync(
            "ear-orders", role.Body["atlasAWSAccountArn"]!.GetValue<string>(), role.Body["atlasAssumedRoleExternalId"]!.GetValue<string>(), cancellation);
        var authorised = await stage.Api.PatchAsync(
            $"{stage.ProjectPath}/cloudProviderAccess/{stage.RoleId}", new JsonObject { ["providerName"] = "AWS", ["iamAssumedRoleArn"] = arn }, cancellation);
        log.Check("Ear may assume the customer's role, with its external id", authorised.Body?["authorizedDate"] is not null, $"{authorised} {arn}");

        await RefusedAsync(stage, log, cancellation);

        var set = await PatchAsync(stage, stage.RoleId, stage.KeyArn, cancellation);
        log.Check("the right key is valid at once", set.Body?["awsKms"]?["valid"]?.GetValue<bool>() == true, $"{set} {set.Body?["awsKms"]?.ToJsonString()}");
    }

    private static async Task RefusedAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        var path = $"{stage.ProjectPath}/encryptionAtRest";
        var before = (await stage.Api.GetAsync(path, cancellation)).Body!.ToJsonString();

        var absent = await PatchAsync(stage, stage.RoleId!, stage.KeyArn![..(stage.KeyArn!.LastIndexOf('/') + 1)] + "00000000-0000-4000-8000-000000000000", cancellation);
        log.Check("a key that does not exist is refused", absent is { Status: 404, ErrorCode: "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND" }, absent.ToString());

        var disabled = await stage.Kms!.CreateKeyAsync(new CreateKeyRequest { Description = "disabled" }, cancellation);
        await stage.Kms.DisableKeyAsync(new DisableKeyRequest { KeyId = disabled.KeyMetadata.KeyId }, cancellation);
        var off = await PatchAsync(stage, stage.RoleId!, disabled.KeyMetadata.Arn, cancellation);
        log.Check("a disabled key is refused", off is { Status: 400, ErrorCode: "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED" }, off.ToString());

        // The role stops trusting Ear's external id after it was authorised: what a changed trust policy looks like.
        var second = await stage.Api.PostAsync($"{stage.ProjectPath}/cloudProviderAccess", new JsonObject { ["providerName"] = "AWS" }, cancellation);
        var secondId = second.Body!["roleId"]!.GetValue<string>();
        var principal = second.Body["atlasAWSAccountArn"]!.GetValue<string>();
        var arn = await stage.KmsControl.CreateRoleAsync("ear-untrusting", principal, second.Body["atlasAssumedRoleExternalId"]!.GetValue<string>(), cancellation);
        await stage.Api.PatchAsync($"{stage.ProjectPath}/cloudProviderAccess/{secondId}", new JsonObject { ["providerName"] = "AWS", ["iamAssumedRoleArn"] = arn }, cancellation);
        await stage.KmsControl.CreateRoleAsync("ear-untrusting", principal, "another-external-id", cancellation);
        var untrusting = await PatchAsync(stage, secondId, stage.KeyArn, cancellation);
        log.Check("a role that cannot be assumed is refused", untrusting is { Status: 400, ErrorCode: "CANNOT_ASSUME_ROLE" }, untrusting.ToString());

        var after = (await stage.Api.GetAsync(path, cancellation)).Body!.ToJsonString();
        log.Check("the refusals changed nothing", before == after, after);
    }

    private static Task<Answer> PatchAsync(Stage stage, string roleId, string key, CancellationToken cancellation)
        => stage.Api.PatchAsync(
            $"{stage.ProjectPath}/encryptionAtRest",
            new JsonObject { ["awsKms"] = new JsonObject { ["enabled"] = true, ["roleId"] = roleId, ["customerMasterKeyID"] = key, ["region"] = "US_EAST_1" } },
            cancellation);
}
