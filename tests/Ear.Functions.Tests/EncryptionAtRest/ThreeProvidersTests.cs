using System.Text;
using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;
using Ear.Secrets;

namespace Ear.Functions.Tests.EncryptionAtRest;

/// <summary>Keys in Azure Key Vault and Google Cloud KMS, beside one in AWS (R16 to R21).</summary>
public sealed class ThreeProvidersTests
{
    private const string Vault = "https://orders.vault.azure.net/keys/cmk/";
    private const string KeyId = Vault + "0123456789abcdef0123456789abcdef";
    private const string OtherKeyId = Vault + "ffffffffffffffffffffffffffffffff";
    private const string VersionId = "projects/shop-1/locations/global/keyRings/ring/cryptoKeys/cmk/cryptoKeyVersions/3";
    private const string Uuid = "bbbbbbbb-0000-0000-0000-00000000000";

    private static string Azure(string more = "") => $$$"""
        {"azureKeyVault":{"enabled":true,"azureEnvironment":"AZURE","clientID":"{{{Uuid}}}1","subscriptionID":"{{{Uuid}}}2","tenantID":"{{{Uuid}}}3",
        "resourceGroupName":"shop","keyVaultName":"orders","keyIdentifier":"{{{KeyId}}}","secret":"first secret"{{{more}}}}}
        """;

    private static string ServiceAccount(string token = "https://oauth2.googleapis.com/token", string type = "service_account")
        => new JsonObject { ["type"] = type, ["client_email"] = "a@b", ["private_key"] = "not a real one", ["token_uri"] = token }.ToJsonString();

    private static string Google(string? key = null) => new JsonObject
    {
        ["googleCloudKms"] = new JsonObject { ["enabled"] = true, ["keyVersionResourceID"] = VersionId, ["serviceAccountKey"] = key ?? ServiceAccount() },
    }.ToJsonString();

    [Fact]
    public async Task All_three_are_on_at_once_and_no_secret_is_ever_shown()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);

        Assert.Equal(200, (await PatchAsync(doors, owner, Azure())).Status);
        var answer = await PatchAsync(doors, owner, Google());

        Assert.Equal(200, answer.Status);
        Assert.All(["awsKms", "azureKeyVault", "googleCloudKms"], block => Assert.Equal((true, true), (Flag(answer, block, "enabled"), Flag(answer, block, "valid"))));
        Assert.Equal(
            $$"""{"enabled":true,"valid":true,"azureEnvironment":"AZURE","clientID":"{{Uuid}}1","subscriptionID":"{{Uuid}}2","tenantID":"{{Uuid}}3","resourceGroupName":"shop","keyVaultName":"orders","keyIdentifier":"{{KeyId}}","requirePrivateNetworking":false}""",
            answer.Body!["azureKeyVault"]!.ToJsonString());
        Assert.Equal($$"""{"enabled":true,"valid":true,"keyVersionResourceID":"{{VersionId}}"}""", answer.Body["googleCloudKms"]!.ToJsonString());
        Assert.Equal("first secret", await SecretAsync(doors, doors.AzureKms));
        Assert.Equal(ServiceAccount(), await SecretAsync(doors, doors.GoogleKms));
    }

    [Fact]
    public async Task One_PATCH_of_two_providers_is_all_or_nothing()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        doors.GoogleKms.Answers(VersionId, InvalidReason.KeyDisabled);
        var both = JsonNode.Parse(Azure())!.AsObject();
        both["googleCloudKms"] = JsonNode.Parse(Google())!["googleCloudKms"]!.DeepClone();

        (await PatchAsync(doors, owner, both.ToJsonString())).Refused(400, "GOOGLE_CLOUD_KMS_KEY_VERSION_DISABLED");

        Assert.Null((await doors.ProjectAsync()).EncryptionAtRest.Azure);
        Assert.Null(await doors.Store.FindAsync(SecretName(doors.AzureKms.Asked[^1]), default));
        Assert.Empty(await doors.EventsAsync());
    }

    [Fact]
    public async Task A_new_secret_is_proven_before_it_takes_the_place_of_the_old_one()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        await PatchAsync(doors, owner, Azure());
        var before = (await doors.ProjectAsync()).EncryptionAtRest;

        doors.AzureKms.Answers(KeyId, InvalidReason.CredentialsInvalid);
        (await PatchAsync(doors, owner, """{"azureKeyVault":{"secret":"wrong secret"}}""")).Refused(400, "INVALID_AZURE_CREDENTIALS");
        Assert.Equal(before.Azure, (await doors.ProjectAsync()).EncryptionAtRest.Azure);
        Assert.NotNull(await doors.Store.FindAsync(before.Azure!.SecretName!, default));

        doors.AzureKms.Answers(KeyId, new KeyVerdict.Valid());
        Assert.Equal(200, (await PatchAsync(doors, owner, """{"azureKeyVault":{"secret":"second secret"}}""")).Status);
        var after = (await doors.ProjectAsync()).EncryptionAtRest;
        Assert.Equal("second secret", await SecretAsync(doors, doors.AzureKms));
        Assert.Null(await doors.Store.FindAsync(before.Azure.SecretName!, default));
        Assert.Equal(before.StandingOf(KeyProvider.Azure)!.Canary.Ciphertext, after.StandingOf(KeyProvider.Azure)!.Canary.Ciphertext);
    }

    [Fact]
    public async Task Echoing_what_was_read_changes_nothing_and_asks_nobody()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        await PatchAsync(doors, owner, Azure());
        var read = await PatchAsync(doors, owner, Google());
        var asked = doors.AzureKms.Calls + doors.GoogleKms.Calls;
        var events = await doors.EventsAsync();

        var echoed = await PatchAsync(doors, owner, read.Body!.ToJsonString());

        Assert.Equal(read.Body.ToJsonString(), echoed.Body!.ToJsonString());
        Assert.Equal(asked, doors.AzureKms.Calls + doors.GoogleKms.Calls);
        Assert.Equal(events, await doors.EventsAsync());
    }

    [Fact]
    public async Task Disabling_forgets_the_credential_too()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        await PatchAsync(doors, owner, Google());
        var secret = (await doors.ProjectAsync()).EncryptionAtRest.Gcp!.SecretName!;

        var answer = await PatchAsync(doors, owner, """{"googleCloudKms":{"enabled":false}}""");

        Assert.Equal("""{"enabled":false}""", answer.Body!["googleCloudKms"]!.ToJsonString());
        Assert.Null(await doors.Store.FindAsync(secret, default));
    }

    [Fact]
    public async Task A_role_takes_the_place_of_the_credential_for_good()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        await PatchAsync(doors, owner, Azure());
        var secret = (await doors.ProjectAsync()).EncryptionAtRest.Azure!.SecretName!;
        var role = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/cloudProviderAccess",
            $$"""{"providerName":"AZURE","atlasAzureAppId":"{{Doors.AzureAppId}}","servicePrincipalId":"{{Uuid}}4","tenantId":"{{Uuid}}5"}""");
        var id = role.Text("_id");

        var moved = await PatchAsync(doors, owner, $$$"""{"azureKeyVault":{"roleId":"{{{id}}}"}}""");

        Assert.Equal(200, moved.Status);
        Assert.Equal((id, null, null), (moved.Body!["azureKeyVault"]!["roleId"]!.GetValue<string>(), moved.Body["azureKeyVault"]!["clientID"], moved.Body["azureKeyVault"]!["tenantID"]));
        Assert.Equal(new AzureAccess.ServicePrincipal(Doors.AzureAppId), Assert.IsType<CustomerKey.Azure>(doors.AzureKms.Asked[^1]).Access);
        Assert.Equal($"{Uuid}5", Assert.IsType<CustomerKey.Azure>(doors.AzureKms.Asked[^1]).TenantId);
        Assert.Null(await doors.Store.FindAsync(secret, default));
        (await PatchAsync(doors, owner, """{"azureKeyVault":{"secret":"a way back"}}""")).Refused(400, "INVALID_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/cloudProviderAccess/{id}",
            $$"""{"providerName":"AZURE","atlasAzureAppId":"{{Doors.AzureAppId}}","servicePrincipalId":"{{Uuid}}4","tenantId":"{{Uuid}}6"}""")).Refused(400, "AZURE_SERVICE_PRINCIPAL_IN_USE");
        (await owner.SendJsonAsync(HttpMethod.Delete, $"{doors.Group}/cloudProviderAccess/AZURE/{id}")).Refused(400, "AZURE_SERVICE_PRINCIPAL_IN_USE");
        var shown = (await owner.GetAsync($"{doors.Group}/cloudProviderAccess/{id}", Doors.Json)).Body!;
        Assert.Equal("ENCRYPTION_AT_REST", shown["featureUsages"]![0]!["featureType"]!.GetValue<string>());
    }

    [Fact]
    public async Task Googles_role_is_complete_at_once_and_used_by_its_address()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        var role = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/cloudProviderAccess", """{"providerName":"GCP"}""");

        Assert.Equal(("COMPLETE", Doors.GcpAccount), (role.Text("status"), role.Text("gcpServiceAccountForAtlas")));
        var enabled = await PatchAsync(doors, owner, $$$"""{"googleCloudKms":{"enabled":true,"keyVersionResourceID":"{{{VersionId}}}","roleId":"{{{role.Text("roleId")}}}"}}""");
        Assert.Equal(200, enabled.Status);
        Assert.Equal(new GcpAccess.ServiceAccount(Doors.GcpAccount), Assert.IsType<CustomerKey.Gcp>(doors.GoogleKms.Asked[^1]).Access);
    }

    [Fact]
    public async Task A_key_that_ends_in_less_than_two_days_is_refused()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        doors.AzureKms.Facts = KeyFacts.None with { KeyExpires = doors.Time.GetUtcNow().AddHours(47) };
        (await PatchAsync(doors, owner, Azure())).Refused(400, "AZURE_KEY_VAULT_KEY_EXPIRING");
        Assert.Null((await doors.ProjectAsync()).EncryptionAtRest.Azure);

        doors.AzureKms.Facts = KeyFacts.None with { KeyExpires = doors.Time.GetUtcNow().AddHours(49) };
        Assert.Equal(200, (await PatchAsync(doors, owner, Azure())).Status);
    }

    [Theory]
    [InlineData("keyIdentifier", "https://orders.vault.azure.net/keys/cmk", "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT")]
    [InlineData("keyIdentifier", "http://orders.vault.azure.net/keys/cmk/0123456789abcdef0123456789abcdef", "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT")]
    [InlineData("keyIdentifier", "https://127.0.0.1/keys/cmk/0123456789abcdef0123456789abcdef", "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT")]
    [InlineData("keyIdentifier", "https://169.254.169.254/keys/cmk/0123456789abcdef0123456789abcdef", "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT")]
    [InlineData("keyIdentifier", "https://orders.vault.azure.net.evil.example/keys/cmk/0123456789abcdef0123456789abcdef", "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT")]
    [InlineData("keyIdentifier", "https://me@orders.vault.azure.net/keys/cmk/0123456789abcdef0123456789abcdef", "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT")]
    [InlineData("keyIdentifier", "https://another.vault.azure.net/keys/cmk/0123456789abcdef0123456789abcdef", "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT")]
    [InlineData("keyIdentifier", "https://orders.vault.azure.cn/keys/cmk/0123456789abcdef0123456789abcdef", "AZURE_KEY_VAULT_KEY_IDENTIFIER_INVALID_FORMAT")]
    [InlineData("azureEnvironment", "AZURE_GERMANY", "AZURE_KEY_VAULT_ENVIRONMENT_NOT_SUPPORTED")]
    [InlineData("tenantID", "common", "VALIDATION_ERROR")]
    [InlineData("clientID", "me", "VALIDATION_ERROR")]
    [InlineData("subscriptionID", "mine", "VALIDATION_ERROR")]
    [InlineData("resourceGroupName", "a/b", "VALIDATION_ERROR")]
    [InlineData("keyVaultName", "evil.example", "VALIDATION_ERROR")]
    public async Task A_malformed_part_of_an_Azure_key_is_named_and_nobody_is_asked(string field, string value, string code)
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        var body = JsonNode.Parse(Azure())!;
        body["azureKeyVault"]![field] = value;

        var answer = await PatchAsync(doors, owner, body.ToJsonString());

        answer.Refused(400, code);
        Assert.Equal($"azureKeyVault.{field}", answer.Body!["badRequestDetail"]!["fields"]![0]!["field"]!.GetValue<string>());
        Assert.Equal(0, doors.AzureKms.Calls);
    }

    [Fact]
    public async Task A_malformed_Google_key_is_named_and_never_quoted()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        string[] wrong = ["not json but private", "[]", "{\"type\":\"service_account\"}", ServiceAccount(type: "external_account"), ServiceAccount("http://169.254.169.254/token")];

        foreach (var key in wrong)
        {
            var answer = await PatchAsync(doors, owner, Google(key));
            answer.Refused(400, "INVALID_GOOGLE_CLOUD_CREDENTIALS");
            Assert.Equal("googleCloudKms.serviceAccountKey", answer.Body!["badRequestDetail"]!["fields"]![0]!["field"]!.GetValue<string>());
            Assert.DoesNotContain("private", answer.Body.ToJsonString());
            Assert.DoesNotContain("169.254", answer.Body.ToJsonString());
        }
        (await PatchAsync(doors, owner, """{"googleCloudKms":{"enabled":true,"keyVersionResourceID":"projects/p/../q"}}""")).Refused(400, "INVALID_ATTRIBUTE");
        Assert.Equal(0, doors.GoogleKms.Calls);
    }

    [Fact]
    public async Task The_operator_may_allow_local_KMSs()
    {
        const string local = "https://localhost:8443/keys/cmk/0123456789abcdef0123456789abcdef";
        await using var doors = await DoorsAsync(new Dictionary<string, string?>
        {
            ["Ear:EncryptionAtRest:LocalVaultHosts"] = "localhost:8443",
            ["Ear:EncryptionAtRest:LocalTokenUris"] = "http://localhost:8444/token",
        });
        using var owner = await doors.OwnerAsync();
        doors.AzureKms.Answers(local, new KeyVerdict.Valid());
        var body = JsonNode.Parse(Azure())!;
        body["azureKeyVault"]!["keyIdentifier"] = local;

        Assert.Equal(200, (await PatchAsync(doors, owner, body.ToJsonString())).Status);
        Assert.Equal(200, (await PatchAsync(doors, owner, Google(ServiceAccount("http://localhost:8444/token")))).Status);
    }

    [Fact]
    public async Task Another_key_version_is_another_key()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        await PatchAsync(doors, owner, Azure());
        doors.AzureKms.Answers(OtherKeyId, new KeyVerdict.Valid());

        Assert.Equal(200, (await PatchAsync(doors, owner, $$$"""{"azureKeyVault":{"keyIdentifier":"{{{OtherKeyId}}}"}}""")).Status);

        Assert.Equal(OtherKeyId, (await doors.ProjectAsync()).EncryptionAtRest.StandingOf(KeyProvider.Azure)!.Canary.KeyIdentifier);
    }

    [Fact]
    public async Task An_old_access_key_is_shown_and_used_until_a_role_takes_its_place()
    {
        await using var doors = await DoorsAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        var (project, version) = (await doors.Store.FindAsync(doors.First.ProjectId, default))!;
        var old = project.EncryptionAtRest.Aws! with { RoleId = null, AccessKeyId = "an old access key", SecretName = "customer-keys/old" };
        await ((ISecrets)doors.Store).PutAsync("customer-keys/old", [1], default);
        await doors.Store.SaveAsync(project with { EncryptionAtRest = project.EncryptionAtRest with { Aws = old } }, version, [], default);

        var read = await owner.GetAsync($"{doors.Group}/encryptionAtRest", Doors.Json);
        Assert.Equal("an old access key", read.Body!["awsKms"]!["accessKeyID"]!.GetValue<string>());
        Assert.Equal(new AwsAccess.AccessKey("an old access key", "customer-keys/old"), Assert.IsType<CustomerKey.Aws>(doors.Kms.Asked[^1]).Access);
        Assert.Equal(200, (await PatchAsync(doors, owner, read.Body.ToJsonString())).Status);
        (await PatchAsync(doors, owner, """{"awsKms":{"accessKeyID":"another"}}""")).Refused(400, "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED");

        var role = await doors.AuthorizedRoleAsync(owner);
        var moved = await PatchAsync(doors, owner, $$$"""{"awsKms":{"roleId":"{{{role}}}"}}""");
        Assert.Equal((role, null), (moved.Body!["awsKms"]!["roleId"]!.GetValue<string>(), moved.Body["awsKms"]!["accessKeyID"]));
        Assert.Null(await ((ISecrets)doors.Store).FindAsync("customer-keys/old", default));
        (await PatchAsync(doors, owner, """{"awsKms":{"accessKeyID":"an old access key"}}""")).Refused(400, "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED");
    }

    private static async Task<Doors> DoorsAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var doors = await Doors.OpenAsync(settings);
        doors.AzureKms.Answers(KeyId, new KeyVerdict.Valid());
        doors.GoogleKms.Answers(VersionId, new KeyVerdict.Valid());
        return doors;
    }

    private static Task<Answer> PatchAsync(Doors doors, HttpClient owner, string body) => owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", body);

    private static bool Flag(Answer answer, string block, string field) => answer.Body![block]![field]!.GetValue<bool>();

    private static async Task<string> SecretAsync(Doors doors, FakeKms kms)
        => Encoding.UTF8.GetString((await ((ISecrets)doors.Store).FindAsync(SecretName(kms.Asked[^1]), default))!);

    private static string SecretName(CustomerKey key) => key switch
    {
        CustomerKey.Azure { Access: AzureAccess.ClientSecret credential } => credential.SecretName,
        CustomerKey.Gcp { Access: GcpAccess.ServiceAccountKey credential } => credential.SecretName,
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, null),
    };
}
