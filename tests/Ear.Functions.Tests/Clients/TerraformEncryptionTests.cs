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
    private const string GoogleVersion = "projects/shop/locations/global/keyRings/ear/cryptoKeys/orders/cryptoKeyVersions/1";
    private const string KeyFile = """{"type":"service_account","private_key":"not a real one","client_email":"a@example.com","token_uri":"https://oauth2.googleapis.com/token"}""";
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
        doors.GoogleKms.Answers(GoogleVersion, new KeyVerdict.Valid());

        var created = await sdk.PatchAsync(Path, Google(("serviceAccountKey", KeyFile)));

        Assert.True(created.Status == 200, created.Body?.ToJsonString());
        Assert.Equal((200, GoogleVersion), (created.Status, created.Body!["googleCloudKms"]?["keyVersionResourceID"]?.GetValue<string>()));
        AssertState(created.Body);
        Assert.DoesNotContain("private_key", created.Body.ToJsonString());
    }

    [Fact]
    public async Task Azure_is_imported_with_all_but_its_secret()
    {
        await using var project = await AzureProject.OpenAsync(isPrivate: false);
        using var sdk = AtlasSdk.WithKey(project.Doors);

        var imported = (await sdk.GetAsync(Path)).Body!;

        AssertState(imported);
        Assert.Equal(Json($$"""
            {"enabled":true,"valid":true,"azureEnvironment":"AZURE","clientID":"bbbbbbbb-0000-0000-0000-000000000001","subscriptionID":"bbbbbbbb-0000-0000-0000-000000000002",
            "tenantID":"bbbbbbbb-0000-0000-0000-000000000003","resourceGroupName":"shop","keyVaultName":"orders","keyIdentifier":"{{AzureProject.KeyId}}","requirePrivateNetworking":false}
            """), imported["azureKeyVault"]!.ToJsonString());
        Assert.Equal("""{"enabled":false}""", imported["awsKms"]!.ToJsonString());
        Assert.Equal("""{"enabled":false}""", imported["googleCloudKms"]!.ToJsonString());
    }

    [Fact]
    public async Task Azure_by_a_principal_is_imported_with_all_of_it()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        doors.AzureKms.Answers(AzureProject.KeyId, new KeyVerdict.Valid());
        var role = (await sdk.PostAsync("/cloudProviderAccess",
            $$"""{"providerName":"AZURE","atlasAzureAppId":"{{Doors.AzureAppId}}","servicePrincipalId":"cccccccc-0000-0000-0000-000000000001","tenantId":"cccccccc-0000-0000-0000-000000000002"}""")).Text("_id");
        var block = $$"""
            {"enabled":true,"azureEnvironment":"AZURE","subscriptionID":"bbbbbbbb-0000-0000-0000-000000000002","resourceGroupName":"shop","keyVaultName":"orders",
            "keyIdentifier":"{{AzureProject.KeyId}}","roleId":"{{role}}","requirePrivateNetworking":false}
            """;

        var created = await sdk.PatchAsync(Path, $$"""{"azureKeyVault":{{block}},"awsKms":{},"googleCloudKms":{},"enabledForSearchNodes":true}""");

        Assert.True(created.Status == 200, created.Body?.ToJsonString());
        var imported = (await sdk.GetAsync(Path)).Body!;
        Assert.Equal(created.Body!.ToJsonString(), imported.ToJsonString());
        AssertState(imported);
        Assert.Equal(Json(block.Replace("\"enabled\":true,", "\"enabled\":true,\"valid\":true,")), imported["azureKeyVault"]!.ToJsonString());
        Assert.True(imported["enabledForSearchNodes"]!.GetValue<bool>());
        (await sdk.DeleteAsync($"/cloudProviderAccess/AZURE/{role}")).Refused(400, "AZURE_SERVICE_PRINCIPAL_IN_USE");
    }

    [Fact]
    public async Task Google_is_imported_by_its_key_file_or_its_account_and_keeps_its_account_from_deletion()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        doors.GoogleKms.Answers(GoogleVersion, new KeyVerdict.Valid());
        Assert.Equal(200, (await sdk.PatchAsync(Path, Google(("serviceAccountKey", KeyFile)))).Status);
        Assert.Equal($$"""{"enabled":true,"valid":true,"keyVersionResourceID":"{{GoogleVersion}}"}""", (await sdk.GetAsync(Path)).Body!["googleCloudKms"]!.ToJsonString());
        var role = (await sdk.PostAsync("/cloudProviderAccess", """{"providerName":"GCP"}""")).Text("roleId");

        var moved = await sdk.PatchAsync(Path, Google(("roleId", role)));

        Assert.True(moved.Status == 200, moved.Body?.ToJsonString());
        var imported = (await sdk.GetAsync(Path)).Body!;
        AssertState(imported);
        Assert.Equal($$"""{"enabled":true,"valid":true,"keyVersionResourceID":"{{GoogleVersion}}","roleId":"{{role}}"}""", imported["googleCloudKms"]!.ToJsonString());
        (await sdk.DeleteAsync($"/cloudProviderAccess/GCP/{role}")).Refused(400, "GCP_SERVICE_ACCOUNT_IN_USE");
    }

    [Fact]
    public async Task A_project_that_is_gone_drops_the_resource_from_the_state()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        var other = (await sdk.PostAsync("/api/atlas/v2/groups", $$"""{"name":"shop","orgId":"{{doors.First.OrgId}}"}""")).Text("id");
        Assert.Equal(200, (await sdk.GetAsync($"/api/atlas/v2/groups/{other}{Path}")).Status);
        Assert.Equal(204, (await sdk.DeleteAsync($"/api/atlas/v2/groups/{other}")).Status);

        (await sdk.GetAsync($"/api/atlas/v2/groups/{other}{Path}")).Refused(404, "GROUP_NOT_FOUND");
    }

    [Fact]
    public async Task Destroy_fails_while_a_cluster_still_leaves_the_key_and_succeeds_in_the_next_apply()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        Assert.Equal(201, (await sdk.PostAsync("/clusters", AtlasSdk.Orders, "2024-10-23")).Status);
        await sdk.ReachAsync();

        var refused = await sdk.PatchAsync(Path, AllOff);
        refused.Refused(409, "CANNOT_DISABLE_ENCRYPTION_AT_REST");
        Assert.Equal("""[["orders"]]""", refused.Body!["parameters"]!.ToJsonString());
        Assert.Equal(200, (await sdk.PatchAsync("/clusters/orders", """{"encryptionAtRestProvider":"NONE"}""", "2024-10-23")).Status);
        await sdk.ReachAsync();

        Assert.Equal(200, (await sdk.PatchAsync(Path, AllOff)).Status);
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
        (await sdk.DeleteAsync($"/cloudProviderAccess/AWS/{role}")).Refused(400, "AWS_IAM_ROLE_IN_USE");
        Assert.Equal(read.Body.ToJsonString(), (await sdk.GetAsync($"/cloudProviderAccess/{role}")).Body!.ToJsonString());
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

    private static string Google((string Name, string Value) credential) => new JsonObject
    {
        ["awsKms"] = new JsonObject(),
        ["azureKeyVault"] = new JsonObject(),
        ["googleCloudKms"] = new JsonObject { ["enabled"] = true, ["keyVersionResourceID"] = GoogleVersion, [credential.Name] = credential.Value },
        ["enabledForSearchNodes"] = false,
    }.ToJsonString();

    private static string Json(string text) => JsonNode.Parse(text)!.ToJsonString();

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
