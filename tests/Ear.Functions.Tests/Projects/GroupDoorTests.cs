using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;
using Ear.Projects;

namespace Ear.Functions.Tests.Projects;

public sealed class GroupDoorTests
{
    private const string Groups = "/api/atlas/v2/groups";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_project_is_renamed_and_tagged_and_found_by_its_name()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var changed = await owner.SendJsonAsync(HttpMethod.Patch, doors.Group, """{"name":"shop 2","tags":[{"key":"team","value":"blue"}]}""");

        Assert.Equal((200, "shop 2", "blue"), (changed.Status, changed.Text("name"), changed.Body!["tags"]![0]!["value"]!.GetValue<string>()));
        Assert.Equal(doors.First.ProjectId.Value, (await owner.GetAsync($"{Groups}/byName/shop%202", Doors.Json)).Text("id"));
        (await owner.GetAsync($"{Groups}/byName/ear", Doors.Json)).Refused(404, "GROUP_NAME_NOT_FOUND");
        Assert.Equal(["GROUP_TAGS_MODIFIED", "GROUP_NAME_CHANGED"], await doors.EventsAsync());
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, doors.Group, """{"name":"shop 2","tags":[{"key":"team","value":"blue"}]}""")).Status);
        Assert.Equal(2, (await doors.EventsAsync()).Count);
        Assert.Empty((await owner.SendJsonAsync(HttpMethod.Patch, doors.Group, """{"tags":[]}""")).Body!["tags"]!.AsArray());
    }

    [Theory]
    [InlineData("backupCompliancePolicy")]
    [InlineData("clusters")]
    [InlineData("settings")]
    public async Task A_project_that_is_named_like_a_resource_is_found_by_its_name(string name)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, doors.Group, $$"""{"name":"{{name}}"}""")).Status);

        Assert.Equal(doors.First.ProjectId.Value, (await owner.GetAsync($"{Groups}/byName/{name}", Doors.Json)).Text("id"));
    }

    [Fact]
    public async Task A_name_is_one_projects()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.WithKey();
        var shop = $$"""{"name":"shop","orgId":"{{doors.First.OrgId}}"}""";
        Assert.Equal(200, (await client.SendJsonAsync(HttpMethod.Post, Groups, shop)).Status);

        (await client.SendJsonAsync(HttpMethod.Post, Groups, shop)).Refused(409, "GROUP_ALREADY_EXISTS");
        (await client.SendJsonAsync(HttpMethod.Patch, doors.Group, """{"name":"shop"}""")).Refused(409, "GROUP_ALREADY_EXISTS");

        Assert.Equal(2, (await doors.Store.FindApiKeyAsync(doors.First.PublicKey, Cancellation))!.ProjectRoles.Count);
    }

    [Fact]
    public async Task To_strangers_a_project_does_not_exist_by_its_name()
    {
        await using var doors = await Doors.OpenAsync();
        using var stranger = await doors.AsAsync();
        using var reader = await doors.AsAsync("ORG_READ_ONLY");

        (await stranger.GetAsync($"{Groups}/byName/ear", Doors.Json)).Refused(404, "GROUP_NAME_NOT_FOUND");
        Assert.Equal(200, (await reader.GetAsync($"{Groups}/byName/ear", Doors.Json)).Status);
    }

    [Theory]
    [InlineData("""{"name":"a/b"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"name":1,"tags":[1]}""", "VALIDATION_ERROR")]
    [InlineData("""{"tags":[{"key":"a"}]}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"tags":[{"key":"a","value":"1"},{"key":"a","value":"2"}]}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"withDefaultAlertsSettings":false}""", "INVALID_ATTRIBUTE")]
    public async Task A_change_that_cannot_be_is_refused(string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await owner.SendJsonAsync(HttpMethod.Patch, doors.Group, body)).Refused(400, code);
        Assert.Equal("ear", (await doors.ProjectAsync()).Name);
    }

    [Fact]
    public async Task A_deleted_project_is_gone_with_its_roles_and_secrets_and_its_events_stay()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        doors.GoogleKms.Answers("projects/shop-1/locations/global/keyRings/ring/cryptoKeys/cmk/cryptoKeyVersions/3", new KeyVerdict.Valid());
        var configured = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """
            {"googleCloudKms":{"enabled":true,"keyVersionResourceID":"projects/shop-1/locations/global/keyRings/ring/cryptoKeys/cmk/cryptoKeyVersions/3",
            "serviceAccountKey":"{\"type\":\"service_account\",\"client_email\":\"a@b\",\"private_key\":\"not a real one\",\"token_uri\":\"https://oauth2.googleapis.com/token\"}"}}
            """);
        Assert.Equal(200, configured.Status);
        var secret = (await doors.ProjectAsync()).EncryptionAtRest.Gcp!.SecretName!;
        Assert.NotNull(await ((Ear.Secrets.ISecrets)doors.Store).FindAsync(secret, Cancellation));

        var deleted = await owner.SendJsonAsync(HttpMethod.Delete, doors.Group);

        Assert.Equal((204, null), (deleted.Status, deleted.Body));
        (await owner.GetAsync(doors.Group, Doors.Json)).Refused(404, "GROUP_NOT_FOUND");
        (await owner.GetAsync($"{doors.Group}/encryptionAtRest", Doors.Json)).Refused(404, "GROUP_NOT_FOUND");
        (await owner.SendJsonAsync(HttpMethod.Delete, doors.Group)).Refused(404, "GROUP_NOT_FOUND");
        Assert.Null(await ((Ear.Secrets.ISecrets)doors.Store).FindAsync(secret, Cancellation));
        Assert.Empty((await doors.Store.FindApiKeyAsync(doors.First.PublicKey, Cancellation))!.ProjectRoles);
        Assert.Equal("GROUP_DELETED", (await doors.EventsAsync())[0]);
        Assert.Equal(0, (await owner.GetAsync(Groups, Doors.Json)).Body!["totalCount"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_project_with_clusters_stays_even_while_they_are_being_deleted()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var cluster = new Cluster(ClusterId.FromValid(new string('1', 24)), doors.First.ProjectId, ClusterName.Parse("orders", null), doors.Time.GetUtcNow(), new ClusterSpec(null, "M10", 3)) { DeletionRequested = true };
        await doors.Store.SaveAsync(cluster, 0, [], Cancellation);

        (await owner.SendJsonAsync(HttpMethod.Delete, doors.Group)).Refused(409, "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS");

        Assert.Equal(200, (await owner.GetAsync(doors.Group, Doors.Json)).Status);
    }

    [Fact]
    public async Task Projects_are_the_Owners_to_change_and_delete()
    {
        await using var doors = await Doors.OpenAsync();
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        using var organisation = await doors.AsAsync("ORG_OWNER");

        foreach (var client in new[] { manager, organisation })
        {
            (await client.SendJsonAsync(HttpMethod.Patch, doors.Group, """{"name":"x"}""")).Refused(403, "ACCESS_FORBIDDEN");
            (await client.SendJsonAsync(HttpMethod.Delete, doors.Group)).Refused(403, "ACCESS_FORBIDDEN");
        }
    }

    [Fact]
    public async Task Projects_that_are_made_at_once_by_one_key_are_all_its_own()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.WithKey();

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => client.SendJsonAsync(HttpMethod.Post, Groups, $$"""{"name":"p{{n}}","orgId":"{{doors.First.OrgId}}"}""")));

        var roles = (await doors.Store.FindApiKeyAsync(doors.First.PublicKey, Cancellation))!.ProjectRoles;
        Assert.All(made, m => Assert.Contains(ProjectId.FromValid(m.Text("id")), roles));
    }
}
