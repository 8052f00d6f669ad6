using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.EncryptionAtRest;

public sealed class ConfigurationTests
{
    private const string Off = """{"awsKms":{"enabled":false},"azureKeyVault":{"enabled":false},"googleCloudKms":{"enabled":false},"enabledForSearchNodes":false}""";

    [Fact]
    public async Task Terraform_creates_reads_updates_and_destroys_a_configuration()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        var role = await doors.AuthorizedRoleAsync(owner);
        var path = $"{doors.Group}/encryptionAtRest";

        var created = await owner.SendJsonAsync(HttpMethod.Patch, path,
            $$$"""{"awsKms":{"enabled":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"us-east-1"},"azureKeyVault":{},"googleCloudKms":{},"enabledForSearchNodes":false}""");
        Assert.Equal(200, created.Status);
        var expected = JsonNode.Parse(
            $$$"""{"awsKms":{"enabled":true,"valid":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1","requirePrivateNetworking":false},"azureKeyVault":{"enabled":false},"googleCloudKms":{"enabled":false},"enabledForSearchNodes":false}""");
        Assert.True(JsonNode.DeepEquals(expected, created.Body), created.Body?.ToJsonString());
        Assert.Equal("application/vnd.atlas.2023-01-01+json", created.Message.Content.Headers.ContentType?.ToString());

        var read = await owner.GetAsync(path, Doors.Json);
        Assert.True(JsonNode.DeepEquals(expected, read.Body), read.Body?.ToJsonString());

        var otherRole = await doors.AuthorizedRoleAsync(owner);
        var whole = read.Body!.DeepClone();
        whole["awsKms"]!["roleId"] = otherRole;
        var updated = await owner.SendJsonAsync(HttpMethod.Patch, path, whole.ToJsonString());
        Assert.Equal(otherRole, updated.Body!["awsKms"]!["roleId"]!.GetValue<string>());

        var destroyed = await owner.SendJsonAsync(HttpMethod.Patch, path, """{"awsKms":{"enabled":false},"azureKeyVault":{"enabled":false},"googleCloudKms":{"enabled":false}}""");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Off), destroyed.Body), destroyed.Body?.ToJsonString());
        Assert.Null((await doors.ProjectAsync()).EncryptionAtRest.Aws);
    }

    [Fact]
    public async Task A_body_that_equals_the_answer_changes_and_announces_nothing()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        var echo = await owner.GetAsync($"{doors.Group}/encryptionAtRest", Doors.Json);
        var (before, events, calls) = (await doors.Store.FindAsync(doors.First.ProjectId, default), await doors.EventsAsync(), doors.Kms.Calls);

        var answer = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", echo.Body!.ToJsonString());

        Assert.True(JsonNode.DeepEquals(echo.Body, answer.Body));
        Assert.Equal(before!.Version, (await doors.Store.FindAsync(doors.First.ProjectId, default))!.Version);
        Assert.Equal(events, await doors.EventsAsync());
        Assert.Equal(calls, doors.Kms.Calls);
    }

    [Theory]
    [InlineData(InvalidReason.KeyNotFound, 404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND")]
    [InlineData(InvalidReason.KeyDisabled, 400, "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED")]
    [InlineData(InvalidReason.KeyDeletedOrPendingDeletion, 400, "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION")]
    [InlineData(InvalidReason.PermissionDenied, 400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT")]
    [InlineData(InvalidReason.CredentialsInvalid, 400, "CANNOT_ASSUME_ROLE")]
    [InlineData(InvalidReason.WrongKeyType, 400, "INVALID_ATTRIBUTE")]
    [InlineData(InvalidReason.KeyExpiredOrNotYetValid, 400, "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT")]
    public async Task A_key_that_the_KMS_refuses_is_refused_and_changes_nothing(InvalidReason reason, int status, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var role = await doors.AuthorizedRoleAsync(owner);
        doors.Kms.Answers(FakeKms.Key, reason);
        var before = await doors.ProjectAsync();

        var answer = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest",
            $$$"""{"awsKms":{"enabled":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1"}}""");

        answer.Refused(status, code);
        if (code == "CANNOT_ASSUME_ROLE")
            Assert.Equal(FakeKms.RoleArn, answer.Body!["parameters"]![0]!.GetValue<string>());
        Assert.Equal(before.EncryptionAtRest, (await doors.ProjectAsync()).EncryptionAtRest with { Standings = before.EncryptionAtRest.Standings });
    }

    [Fact]
    public async Task A_KMS_that_cannot_be_reached_is_a_retryable_refusal_and_never_a_fault()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var role = await doors.AuthorizedRoleAsync(owner);
        doors.Kms.Answers(FakeKms.Key, new KeyVerdict.Unknown(UnknownReason.NetworkUnreachable, "timeout"));

        var answer = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest",
            $$$"""{"awsKms":{"enabled":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1"}}""");

        answer.Refused(503, "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED");
        Assert.NotNull(answer.Message.Headers.RetryAfter);
        Assert.Null((await doors.ProjectAsync()).EncryptionAtRest.Aws);
    }

    [Theory]
    [InlineData("""{}""", 400, "MISSING_ENCRYPTION_AT_REST_PROVIDER")]
    [InlineData("""{"awsKms":{},"azureKeyVault":{},"googleCloudKms":{}}""", 400, "MISSING_ENCRYPTION_AT_REST_PROVIDER")]
    [InlineData("""{"awsKms":{"enabled":true,"roleId":"0123456789abcdef01234567","customerMasterKeyID":"k","region":"US_EAST_1"}}""", 400, "INVALID_ATTRIBUTE")]
    [InlineData("""{"awsKms":{"enabled":true,"roleId":"0123456789abcdef01234567","customerMasterKeyID":"arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555556","region":"US_EAST_1"}}""", 400, "INVALID_ATTRIBUTE")]
    [InlineData("""{"azureKeyVault":{"enabled":true}}""", 400, "MISSING_ATTRIBUTE")]
    [InlineData("""{"googleCloudKms":{"keyVersionResourceID":"projects/p"}}""", 400, "MISSING_ATTRIBUTE")]
    [InlineData("""{"awsKms":{"enabled":true,"accessKeyID":"an id","secretAccessKey":"a secret","customerMasterKeyID":"k","region":"US_EAST_1"}}""", 400, "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED")]
    [InlineData("""{"awsKms":{"enabled":true}}""", 400, "MISSING_ATTRIBUTE")]
    [InlineData("""{"awsKms":{"enabled":true,"roleId":"0123456789abcdef01234567","customerMasterKeyID":"k","region":"MARS_1"}}""", 400, "AWS_KMS_REGION_NOT_SUPPORTED")]
    [InlineData("""{"awsKms":{"enabled":true,"roleId":"0123456789abcdef01234567","customerMasterKeyID":"alias/k","region":"US_EAST_1"}}""", 400, "INVALID_ATTRIBUTE")]
    [InlineData("""{"awsKms":{"enabled":true,"roleId":"0123456789abcdef01234567","customerMasterKeyID":"11111111-2222-3333-4444-555555555556","region":"US_EAST_1"}}""", 404, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND")]
    [InlineData("""{"awsKms":{"enabled":"yes","region":5}}""", 400, "VALIDATION_ERROR")]
    [InlineData("""{"awsKms":{"enabled":true""", 400, "MALFORMED_JSON")]
    [InlineData("""[]""", 400, "MALFORMED_JSON")]
    [InlineData("""{"awsKms":{"enabled":false},"awsKms":{}}""", 400, "MALFORMED_JSON")]
    public async Task Bad_input_gets_its_own_code_and_changes_nothing(string body, int status, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", body)).Refused(status, code);

        Assert.Null((await doors.ProjectAsync()).EncryptionAtRest.Aws);
        Assert.Empty(await doors.EventsAsync());
    }

    [Fact]
    public async Task Wrong_types_are_all_named_at_once()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var answer = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"enabled":"yes","region":5,"unknown":{}},"enabledForSearchNodes":1}""");

        var fields = answer.Body!["badRequestDetail"]!["fields"]!.AsArray().Select(f => f!["field"]!.GetValue<string>());
        Assert.Equal(["awsKms.enabled", "awsKms.region", "enabledForSearchNodes"], fields);
    }

    [Fact]
    public async Task A_role_that_is_not_authorised_is_refused()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var role = (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/cloudProviderAccess", """{"providerName":"AWS"}""")).Text("roleId");

        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest",
            $$$"""{"awsKms":{"enabled":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1"}}""")).Refused(400, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED");
    }

    [Fact]
    public async Task While_the_key_is_invalid_neither_key_nor_provider_can_change_but_credentials_can()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        var path = $"{doors.Group}/encryptionAtRest";
        doors.Kms.Answers(FakeKms.Key, InvalidReason.PermissionDenied);
        Assert.False((await owner.GetAsync(path, Doors.Json)).Body!["awsKms"]!["valid"]!.GetValue<bool>());

        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"awsKms":{"customerMasterKeyID":"11111111-2222-3333-4444-555555555556"}}""")).Refused(400, "ENCRYPTION_AT_REST_SETTINGS_INVALID");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"awsKms":{"enabled":false}}""")).Refused(400, "ENCRYPTION_AT_REST_SETTINGS_INVALID");

        var role = await doors.AuthorizedRoleAsync(owner);
        doors.Kms.Answers(FakeKms.Key, new KeyVerdict.Valid());
        var recovered = await owner.SendJsonAsync(HttpMethod.Patch, path, $$$"""{"awsKms":{"roleId":"{{{role}}}"}}""");
        Assert.Equal((200, true), (recovered.Status, recovered.Body!["awsKms"]!["valid"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task The_age_of_a_key_starts_with_the_key_and_not_with_its_credentials()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        var set = (await doors.ProjectAsync()).EncryptionAtRest.StandingOf(KeyProvider.Aws)!;
        var role = await doors.AuthorizedRoleAsync(owner);
        doors.Time.Advance(TimeSpan.FromMinutes(30));

        await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", $$$"""{"awsKms":{"roleId":"{{{role}}}"}}""");
        var other = (await doors.ProjectAsync()).EncryptionAtRest.StandingOf(KeyProvider.Aws)!;
        Assert.Equal(set.KeySetAt, other.KeySetAt);
        Assert.Equal(set.Canary.Ciphertext, other.Canary.Ciphertext);

        doors.Kms.Answers("11111111-2222-3333-4444-555555555556", new KeyVerdict.Valid());
        await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"customerMasterKeyID":"11111111-2222-3333-4444-555555555556"}}""");
        var renewed = (await doors.ProjectAsync()).EncryptionAtRest.StandingOf(KeyProvider.Aws)!;
        Assert.Equal(doors.Time.GetUtcNow(), renewed.KeySetAt);
        Assert.Equal("11111111-2222-3333-4444-555555555556", renewed.Canary.KeyIdentifier);
    }

    [Theory]
    [InlineData("GROUP_CLUSTER_MANAGER")]
    [InlineData("GROUP_READ_ONLY")]
    [InlineData("ORG_OWNER")]
    public async Task Only_a_Project_Owner_changes_it_but_all_of_these_read_it(string role)
    {
        await using var doors = await Doors.OpenAsync();
        using var caller = await doors.AsAsync(role);

        (await caller.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"enabled":false}}""")).Refused(403, "ACCESS_FORBIDDEN");
        Assert.Equal(200, (await caller.GetAsync($"{doors.Group}/encryptionAtRest", Doors.Json)).Status);
    }
}
