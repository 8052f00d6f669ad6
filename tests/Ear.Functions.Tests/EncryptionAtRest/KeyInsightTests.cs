using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.EncryptionAtRest;

/// <summary>What Ear tells beyond Atlas: a dry run, reasons, history, and what hangs on a key.</summary>
public sealed class KeyInsightTests
{
    private static string Insight(Doors doors) => $"/api/ear/v1/groups/{doors.First.ProjectId}/encryptionAtRest";

    [Fact]
    public async Task A_dry_run_proves_a_configuration_and_keeps_nothing_of_it()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var role = await doors.AuthorizedRoleAsync(owner);
        doors.Kms.Facts = new KeyFacts("Enabled") { Rotation = new KeyRotation(true) };
        doors.AzureKms.Answers(AzureKey, InvalidReason.PermissionDenied);
        var before = (await doors.Store.FindAsync(doors.First.ProjectId, TestContext.Current.CancellationToken))!.Version;
        var secrets = doors.Store.KeptSecrets;

        var ran = await owner.SendJsonAsync(HttpMethod.Post, $"{Insight(doors)}/dryRun", $$$"""
            {"awsKms":{"enabled":true,"roleId":"{{{role}}}","customerMasterKeyID":"{{{FakeKms.Key}}}","region":"US_EAST_1"},
             "azureKeyVault":{{{Azure}}}}
            """, "application/json");

        Assert.Equal(200, ran.Status);
        Assert.False(ran.Body!["accepted"]!.GetValue<bool>());
        var (aws, azure) = (ran.Body["providers"]![0]!, ran.Body["providers"]![1]!);
        Assert.Equal(("AWS", "CONFIGURE", true, "Enabled", true), (
            aws["cloudProvider"]!.GetValue<string>(), aws["change"]!.GetValue<string>(), aws["accepted"]!.GetValue<bool>(),
            aws["facts"]!["keyState"]!.GetValue<string>(), aws["facts"]!["rotationEnabled"]!.GetValue<bool>()));
        Assert.Equal((false, "NO_PERMISSION_TO_ENCRYPT_DECRYPT"), (azure["accepted"]!.GetValue<bool>(), azure["error"]!["errorCode"]!.GetValue<string>()));
        Assert.Equal(before, (await doors.Store.FindAsync(doors.First.ProjectId, TestContext.Current.CancellationToken))!.Version);
        Assert.Equal(secrets, doors.Store.KeptSecrets);
        Assert.DoesNotContain(Secret, ran.Body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);

        Assert.Equal("NONE", await ChangeAsync("""{"awsKms":{"enabled":true}}"""));
        Assert.Equal("DISABLE", await ChangeAsync("""{"awsKms":{"enabled":false}}"""));
        Assert.Equal("CONFIGURE", await ChangeAsync("""{"awsKms":{"customerMasterKeyID":"another"}}"""));
        (await owner.SendJsonAsync(HttpMethod.Post, $"{Insight(doors)}/dryRun", "{}")).Refused(400, "MISSING_ENCRYPTION_AT_REST_PROVIDER");

        async Task<string> ChangeAsync(string body)
            => (await owner.SendJsonAsync(HttpMethod.Post, $"{Insight(doors)}/dryRun", body)).Body!["providers"]![0]!["change"]!.GetValue<string>();
    }

    [Fact]
    public async Task A_dry_run_is_refused_by_the_rules_that_refuse_the_change()
    {
        await using var doors = await Doors.OpenAsync(links: []);
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Put, $"{doors.Group}/backupCompliancePolicy",
            """{"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"L","encryptionAtRestEnabled":true}""")).Status);

        // The last provider by itself is in nobody's way; the policy demands that one stays.
        Assert.Equal((false, "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED"), await PlayAsync("""{"awsKms":{"enabled":false}}"""));
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"enabled":false}}"""))
            .Refused(400, "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED");
        // No private link is made here.
        var links = await owner.SendJsonAsync(HttpMethod.Post, $"{Insight(doors)}/dryRun", """{"awsKms":{"requirePrivateNetworking":true}}""");
        Assert.Equal("INVALID_ATTRIBUTE", links.Body!["providers"]![0]!["error"]!["errorCode"]!.GetValue<string>());

        async Task<(bool, string?)> PlayAsync(string body)
        {
            var played = await owner.SendJsonAsync(HttpMethod.Post, $"{Insight(doors)}/dryRun", body);
            return (played.Body!["accepted"]!.GetValue<bool>(), played.Body["error"]?["errorCode"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task The_reason_behind_valid_is_told_and_stays_in_the_history()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        Assert.Equal("VALID", (await owner.GetAsync($"{Insight(doors)}/verdicts", "application/json")).Body!["results"]![0]!["verdict"]!.GetValue<string>());

        doors.Kms.Answers(FakeKms.Key, InvalidReason.KeyDisabled);
        await owner.GetAsync($"{doors.Group}/encryptionAtRest", Doors.Json);
        await doors.TellAsync(KeyNews.KeyInvalid(KeyProvider.Aws), (KeyNews.ProviderDetail, "AWS"), (KeyNews.ReasonDetail, "KeyDisabled"));
        await doors.TellAsync("CLUSTER_CREATED");

        var verdict = (await owner.GetAsync($"{Insight(doors)}/verdicts", "application/json")).Body!["results"]![0]!;
        Assert.Equal(("INVALID", "KeyDisabled", "said by the fake"), (verdict["verdict"]!.GetValue<string>(), verdict["reason"]!.GetValue<string>(), verdict["detail"]!.GetValue<string>()));
        var history = (await owner.GetAsync($"{Insight(doors)}/verdictHistory", "application/json")).Body!;
        var past = Assert.Single(history["results"]!.AsArray())!;
        Assert.Equal(("AWS_ENCRYPTION_KEY_INVALID", "AWS", "KeyDisabled"), (past["eventTypeName"]!.GetValue<string>(), past["cloudProvider"]!.GetValue<string>(), past["reason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task What_hangs_on_a_key_is_listed_before_it_is_taken_away()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", ClusterBody("orders", "AWS"));
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", ClusterBody("plain", "NONE"));

        var impact = (await owner.GetAsync($"{Insight(doors)}/AWS/impact", "application/json")).Body!;

        Assert.Equal("orders", Assert.Single(impact["clusters"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Empty((await owner.GetAsync($"{Insight(doors)}/GCP/impact", "application/json")).Body!["clusters"]!.AsArray());
        (await owner.GetAsync($"{Insight(doors)}/IBM/impact", "application/json")).Refused(400, "INVALID_ATTRIBUTE");
        var refused = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"enabled":false}}""");
        refused.Refused(409, "CANNOT_DISABLE_ENCRYPTION_AT_REST");
        Assert.Equal("""[["orders"]]""", refused.Body!["parameters"]!.ToJsonString());
    }

    [Fact]
    public async Task Readers_see_reasons_and_only_Owners_try_configurations()
    {
        await using var doors = await Doors.OpenAsync();
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        using var stranger = await doors.AsAsync();

        foreach (var path in new[] { "verdicts", "verdictHistory", "AWS/impact" })
        {
            Assert.Equal(200, (await reader.GetAsync($"{Insight(doors)}/{path}", "application/json")).Status);
            (await stranger.GetAsync($"{Insight(doors)}/{path}", "application/json")).Refused(401, "NOT_IN_GROUP");
        }
        (await manager.SendJsonAsync(HttpMethod.Post, $"{Insight(doors)}/dryRun", "{}")).Refused(403, "ACCESS_FORBIDDEN");
    }

    private const string Secret = "not-a-real-secret";
    private const string AzureKey = "https://orders.vault.azure.net/keys/data/0123456789abcdef0123456789abcdef";
    private const string Azure = $$"""
        {"enabled":true,"azureEnvironment":"AZURE","clientID":"aaaaaaaa-0000-0000-0000-000000000002","tenantID":"aaaaaaaa-0000-0000-0000-000000000003",
         "secret":"{{Secret}}","subscriptionID":"aaaaaaaa-0000-0000-0000-000000000004","resourceGroupName":"rg","keyVaultName":"orders","keyIdentifier":"{{AzureKey}}"}
        """;

    private static string ClusterBody(string name, string provider) => new JsonObject
    {
        ["name"] = name,
        ["encryptionAtRestProvider"] = provider,
        ["replicationSpecs"] = JsonNode.Parse("""[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]"""),
    }.ToJsonString();
}
