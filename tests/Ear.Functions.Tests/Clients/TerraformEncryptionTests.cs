using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;
using Ear.Functions.Tests.PrivateEndpoints;

namespace Ear.Functions.Tests.Clients;

/// <summary>The resources mongodbatlas_cloud_provider_access_* and mongodbatlas_encryption_at_rest (spec atlas-ear §3.2 and §3.5).</summary>
public sealed class TerraformEncryptionTests
{
    private const string Path = "/encryptionAtRest";
    private const string AllOff = """{"awsKms":{"enabled":false},"azureKeyVault":{"enabled":false},"googleCloudKms":{"enabled":false}}""";
    private static readonly string[] Retried = ["CANNOT_ASSUME_ROLE", "INVALID_AWS_CREDENTIALS", "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED"];
    private static readonly string[] Blocks = ["awsKms", "azureKeyVault", "googleCloudKms"];

    [Fact]
    public async Task Create_waits_for_the_role_and_takes_its_state_from_the_answer()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        var role = (await sdk.PostAsync("/cloudProviderAccess", """{"providerName":"AWS"}""")).Text("roleId");
        var body = Aws(role);

        AssertRetried(await sdk.PatchAsync(Path, body));
        await AuthorizeAsync(sdk, role);
        doors.Kms.Roles = new KeyVerdict.Invalid(InvalidReason.CredentialsInvalid, "not propagated yet");
        AssertRetried(await sdk.PatchAsync(Path, body));
        doors.Kms.Roles = new KeyVerdict.Valid();
        var created = await sdk.PatchAsync(Path, body);

        Assert.Equal((200, "application/vnd.atlas.2023-01-01+json"), (created.Status, created.Message.Content.Headers.ContentType?.ToString()));
        AssertState(created.Body!);
        Assert.Equal((role, FakeKms.Key, "US_EAST_1"), Verified(created.Body!["awsKms"]!));
        Assert.Equal((true, true), (created.Body["awsKms"]!["enabled"]!.GetValue<bool>(), created.Body["awsKms"]!["valid"]!.GetValue<bool>()));
        var imported = await sdk.GetAsync(Path);
        Assert.Equal(created.Body.ToJsonString(), imported.Body!.ToJsonString());
    }

    [Fact]
    public async Task Update_sends_the_whole_answer_back_and_secrets_that_are_not_in_it_stay_in_force()
    {
        await using var project = await AzureProject.OpenAsync(isPrivate: false);
        using var sdk = AtlasSdk.WithKey(project.Doors);
        var before = (await project.Doors.ProjectAsync()).EncryptionAtRest.Azure;
        var role = (await sdk.PostAsync("/cloudProviderAccess", """{"providerName":"AWS"}""")).Text("roleId");
        await AuthorizeAsync(sdk, role);

        var whole = (await sdk.GetAsync(Path)).Body!.AsObject();
        whole["awsKms"] = JsonNode.Parse(Aws(role))!["awsKms"]!.DeepClone();
        var updated = await sdk.PatchAsync(Path, whole.ToJsonString());

        Assert.Equal(200, updated.Status);
        AssertState(updated.Body!);
        Assert.Equal(before, (await project.Doors.ProjectAsync()).EncryptionAtRest.Azure);
        Assert.Null(updated.Body!["azureKeyVault"]!["secret"]);
        Assert.Null(updated.Body["azureKeyVault"]!["roleId"]);
        Assert.True(updated.Body["azureKeyVault"]!["valid"]!.GetValue<bool>());

        // Sent once more as it was answered, it changes nothing.
        var again = await sdk.PatchAsync(Path, updated.Body.ToJsonString());
        Assert.Equal(updated.Body.ToJsonString(), again.Body!.ToJsonString());
        Assert.Equal(before, (await project.Doors.ProjectAsync()).EncryptionAtRest.Azure);
    }

    [Fact]
    public async Task Google_is_taken_with_a_service_account_key_that_no_answer_repeats()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        const string version = "projects/shop/locations/global/keyRings/ear/cryptoKeys/orders/cryptoKeyVersions/1";
        doors.GoogleKms.Answers(version, new KeyVerdict.Valid());
        var block = new JsonObject { ["enabled"] = true, ["keyVersionResourceID"] = version, ["serviceAccountKey"] = """{"type":"service_account","private_key":"not a real one","client_email":"a@example.com","token_uri":"https://oauth2.googleapis.com/token"}""" };

        var created = await sdk.PatchAsync(Path, new JsonObject { ["awsKms"] = new JsonObject(), ["azureKeyVault"] = new JsonObject(), ["googleCloudKms"] = block, ["enabledForSearchNodes"] = false }.ToJsonString());

        Assert.True(created.Status == 200, created.Body?.ToJsonString());
        Assert.Equal((200, version), (created.Status, created.Body!["googleCloudKms"]?["keyVersionResourceID"]?.GetValue<string>()));
        AssertState(created.Body);
        Assert.DoesNotContain("private_key", created.Body.ToJsonString());
    }

    [Fact]
    public async Task Destroy_reads_once_turns_all_three_off_and_finds_them_off()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        var role = (await sdk.PostAsync("/cloudProviderAccess", """{"providerName":"AWS"}""")).Text("roleId");
        await AuthorizeAsync(sdk, role);
        Assert.Equal(200, (await sdk.PatchAsync(Path, Aws(role))).Status);

        Assert.Equal(200, (await sdk.GetAsync(Path)).Status);
        Assert.Equal(200, (await sdk.PatchAsync(Path, AllOff)).Status);

        Assert.Equal($$"""{{AllOff[..^1]}},"enabledForSearchNodes":false}""", (await sdk.GetAsync(Path)).Body!.ToJsonString());
        Assert.Equal(204, (await sdk.DeleteAsync($"/cloudProviderAccess/AWS/{role}")).Status);
        Assert.Equal(404, (await sdk.GetAsync($"/cloudProviderAccess/{role}")).Status);
    }

    [Fact]
    public async Task A_role_in_use_says_so_and_stays()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        var role = (await sdk.PostAsync("/cloudProviderAccess", """{"providerName":"AWS"}""")).Text("roleId");
        await AuthorizeAsync(sdk, role);
        await sdk.PatchAsync(Path, Aws(role));

        var read = await sdk.GetAsync($"/cloudProviderAccess/{role}");

        Assert.Equal("ENCRYPTION_AT_REST", read.Body!["featureUsages"]![0]!["featureType"]!.GetValue<string>());
        Assert.InRange((await sdk.DeleteAsync($"/cloudProviderAccess/AWS/{role}")).Status, 400, 409);
    }

    [Fact]
    public async Task Authorization_is_tried_again_while_the_role_cannot_be_assumed()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        var made = await sdk.PostAsync("/cloudProviderAccess", """{"providerName":"AWS"}""");
        Assert.Null(made.Body!["authorizedDate"]);
        doors.Kms.Roles = new KeyVerdict.Invalid(InvalidReason.CredentialsInvalid, "not propagated yet");
        var authorize = $$"""{"providerName":"AWS","iamAssumedRoleArn":"{{FakeKms.RoleArn}}"}""";

        Assert.Contains("CANNOT_ASSUME_ROLE", AtlasSdk.ErrorText(await sdk.PatchAsync($"/cloudProviderAccess/{made.Text("roleId")}", authorize)));
        doors.Kms.Roles = new KeyVerdict.Valid();

        Assert.Equal(FakeKms.RoleArn, (await sdk.PatchAsync($"/cloudProviderAccess/{made.Text("roleId")}", authorize)).Text("iamAssumedRoleArn"));
    }

    [Fact]
    public async Task Azure_and_Google_are_set_up_as_the_provider_asks()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        var ids = $$"""{"providerName":"AZURE","atlasAzureAppId":"{{Doors.AzureAppId}}","servicePrincipalId":"cccccccc-0000-0000-0000-000000000001","tenantId":"cccccccc-0000-0000-0000-000000000002"}""";

        var azure = await sdk.PostAsync("/cloudProviderAccess", ids);
        Assert.Equal(200, azure.Status);
        Assert.Equal(200, (await sdk.PatchAsync($"/cloudProviderAccess/{azure.Text("_id")}", ids)).Status);
        var google = await sdk.PostAsync("/cloudProviderAccess", """{"providerName":"GCP"}""");

        var polled = await sdk.GetAsync($"/cloudProviderAccess/{google.Text("roleId")}");
        Assert.Equal(("COMPLETE", Doors.GcpAccount), (polled.Text("status"), polled.Text("gcpServiceAccountForAtlas")));
        var all = (await sdk.GetAsync("/cloudProviderAccess")).Body!;
        Assert.Equal((0, 1, 1), (all["awsIamRoles"]!.AsArray().Count, all["azureServicePrincipals"]!.AsArray().Count, all["gcpServiceAccounts"]!.AsArray().Count));
    }

    [Fact]
    public async Task Every_call_is_two_exchanges_and_the_query_is_signed_too()
    {
        await using var doors = await Doors.OpenAsync();
        using var digest = new GoDigestHandler(doors.First.PublicKey, doors.First.PrivateKey!);
        using var sdk = AtlasSdk.With(doors, new HttpClient(digest) { BaseAddress = doors.Url });

        Assert.Equal(200, (await sdk.GetAsync("/clusters?includeCount=true&itemsPerPage=500&pageNum=1", "2024-08-05")).Status);

        Assert.Equal(2, digest.Exchanges);
    }

    private static string Aws(string role) => $$$"""
        {"awsKms":{"customerMasterKeyID":"{{{FakeKms.Key}}}","enabled":true,"region":"US_EAST_1","requirePrivateNetworking":false,"roleId":"{{{role}}}"},
        "azureKeyVault":{},"enabledForSearchNodes":false,"googleCloudKms":{}}
        """;

    private static async Task AuthorizeAsync(AtlasSdk sdk, string role)
    {
        Assert.Equal(200, (await sdk.GetAsync($"/cloudProviderAccess/{role}")).Status);
        Assert.Equal(200, (await sdk.PatchAsync($"/cloudProviderAccess/{role}", $$"""{"providerName":"AWS","iamAssumedRoleArn":"{{FakeKms.RoleArn}}"}""")).Status);
    }

    /// <summary>What the provider's code dereferences; an empty text would be a diff without end.</summary>
    private static void AssertState(JsonNode body)
    {
        Assert.All(Blocks, b => Assert.NotNull(body[b]?["enabled"]));
        Assert.NotNull(body["enabledForSearchNodes"]);
        Assert.DoesNotContain("\"\"", body.ToJsonString());
    }

    private static void AssertRetried(Answer refused)
    {
        var text = AtlasSdk.ErrorText(refused);
        Assert.True(Array.Exists(Retried, code => text.Contains(code, StringComparison.Ordinal)), text);
    }

    private static (string, string, string) Verified(JsonNode aws)
        => (aws["roleId"]!.GetValue<string>(), aws["customerMasterKeyID"]!.GetValue<string>(), aws["region"]!.GetValue<string>());
}
