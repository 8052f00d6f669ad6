using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Projects;

public sealed class BackupComplianceTests
{
    private const string Demanding = """{"authorizedEmail":"a@example.com","authorizedUserFirstName":"Ada","authorizedUserLastName":"L","encryptionAtRestEnabled":true}""";

    private static string Cluster(string? provider) => $$$"""
        {"name":"orders","encryptionAtRestProvider":"{{{provider ?? "NONE"}}}","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,
        "electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}
        """;

    [Fact]
    public async Task A_policy_that_demands_customer_keys_is_kept_by_clusters_and_configuration()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        Assert.Equal(201, (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster("AWS"))).Status);

        var put = await PutAsync(doors, owner, Demanding);

        Assert.Equal((200, "ACTIVE", "Ada"), (put.Status, put.Text("state"), put.Text("authorizedUserFirstName")));
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/clusters/orders", """{"encryptionAtRestProvider":"NONE"}""")).Refused(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY");
        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster(null).Replace("orders", "plain"))).Refused(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY");
        Assert.Equal(201, (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster("AWS").Replace("orders", "locked"))).Status);
    }

    [Fact]
    public async Task The_last_provider_stays_while_the_policy_demands_one()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        await PutAsync(doors, owner, Demanding);
        const string off = """{"awsKms":{"enabled":false}}""";

        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", off)).Refused(400, "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED");
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"region":"US_EAST_1"}}""")).Status);
        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, $"{doors.Group}/backupCompliancePolicy", null, "application/vnd.atlas.2024-11-13+json")).Status);
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", off)).Status);
        Assert.Equal(["CPS_DATA_PROTECTION_DISABLED", "CPS_DATA_PROTECTION_ENABLED"], (await doors.EventsAsync()).Where(e => e.StartsWith("CPS_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_policy_cannot_begin_while_a_cluster_is_without_a_customers_key()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        Assert.Equal(201, (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster(null))).Status);

        var refused = await PutAsync(doors, owner, Demanding);

        refused.Refused(400, "ENCRYPTION_AT_REST_NOT_ENABLED");
        Assert.Contains("orders", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Null((await doors.ProjectAsync()).BackupCompliance);
        Assert.Equal(200, (await PutAsync(doors, owner, Demanding.Replace("true", "false"))).Status);
    }

    [Fact]
    public async Task An_answer_can_be_sent_back_as_it_is()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await PutAsync(doors, owner, Demanding);
        var policy = await owner.GetAsync($"{doors.Group}/backupCompliancePolicy", Doors.Json);

        var again = await PutAsync(doors, owner, policy.Body!.ToJsonString());

        Assert.Equal(policy.Body.ToJsonString(), again.Body!.ToJsonString());
        Assert.Single(await doors.EventsAsync());
    }

    [Theory]
    [InlineData("""{"authorizedUserFirstName":"A","authorizedUserLastName":"L"}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"authorizedEmail":"a@example.com"}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"authorizedEmail":"nobody","authorizedUserFirstName":"A","authorizedUserLastName":"L"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"L","pitEnabled":true}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"L","copyProtectionEnabled":true}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"L","restoreWindowDays":7}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"L","scheduledPolicyItems":[{"frequencyType":"daily"}]}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"L","onDemandPolicyItem":{"retentionValue":1}}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"authorizedEmail":1,"pitEnabled":"no"}""", "VALIDATION_ERROR")]
    public async Task A_promise_that_cannot_be_kept_is_not_made(string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await PutAsync(doors, owner, body)).Refused(400, code);
        Assert.Null((await doors.ProjectAsync()).BackupCompliance);
    }

    [Fact]
    public async Task Versions_differ_in_what_they_demand()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var path = $"{doors.Group}/backupCompliancePolicy";
        const string first = "application/vnd.atlas.2023-01-01+json";

        var put = await owner.SendJsonAsync(HttpMethod.Put, path, """{"authorizedEmail":"a@example.com"}""", first);

        Assert.Equal((200, first), (put.Status, put.Message.Content.Headers.ContentType?.ToString()));
        Assert.Equal("application/vnd.atlas.2023-10-01+json", (await owner.GetAsync(path, Doors.Json)).Message.Content.Headers.ContentType?.ToString());
        (await owner.SendJsonAsync(HttpMethod.Delete, path, null, first)).Refused(406, "INVALID_VERSION_DATE");
        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, path, null, "application/vnd.atlas.2024-11-13+json")).Status);
    }

    [Fact]
    public async Task A_policy_is_the_Owners()
    {
        await using var doors = await Doors.OpenAsync();
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        var path = $"{doors.Group}/backupCompliancePolicy";

        (await manager.GetAsync(path, Doors.Json)).Refused(403, "ACCESS_FORBIDDEN");
        (await PutAsync(doors, manager, Demanding)).Refused(403, "ACCESS_FORBIDDEN");
        (await manager.SendJsonAsync(HttpMethod.Delete, path, null, "application/vnd.atlas.2024-11-13+json")).Refused(403, "ACCESS_FORBIDDEN");
    }

    private static Task<Answer> PutAsync(Doors doors, HttpClient client, string body) => client.SendJsonAsync(HttpMethod.Put, $"{doors.Group}/backupCompliancePolicy", body);
}
