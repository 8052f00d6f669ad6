using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Alerts;

public sealed class AlertConfigDoorTests
{
    private const string NetworkDenied = "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED";
    private const string Rotation = """{"eventTypeName":"AWS_ENCRYPTION_KEY_NEEDS_ROTATION","enabled":true,"threshold":{"operator":"GREATER_THAN","units":"DAYS","threshold":30},"notifications":[{"typeName":"GROUP","emailEnabled":true,"smsEnabled":false,"intervalMin":60,"delayMin":0,"roles":["GROUP_OWNER"]},{"typeName":"EMAIL","emailAddress":"ops@example.com","intervalMin":5}]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Terraforms_sequence_of_an_alert_configuration_works()
    {
        await using var doors = await Doors.OpenAsync();
        using var manager = await doors.AsAsync("GROUP_ALERTS_MANAGER");

        var made = await manager.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/alertConfigs", Rotation);
        Assert.Equal(200, made.Status);
        var path = $"{doors.Group}/alertConfigs/{made.Text("id")}";
        var read = await manager.GetAsync(path, Doors.Json);
        Assert.Equal(Essence(made), Essence(read));
        Assert.Equal(30, read.Body!["threshold"]!["threshold"]!.GetValue<int>());
        Assert.Equal(["GROUP", "EMAIL"], read.Body["notifications"]!.AsArray().Select(n => n!["typeName"]!.GetValue<string>()));

        // As the provider does it: the whole document that was read, changed.
        var document = read.Body.AsObject();
        document["threshold"]!["threshold"] = 60;
        document["enabled"] = false;
        var put = await manager.SendJsonAsync(HttpMethod.Put, path, document.ToJsonString());
        Assert.Equal((200, 60, false), (put.Status, put.Body!["threshold"]!["threshold"]!.GetValue<int>(), put.Body["enabled"]!.GetValue<bool>()));
        Assert.Equal(made.Body!["notifications"]!.ToJsonString(), put.Body["notifications"]!.ToJsonString());

        Assert.Equal(204, (await manager.SendJsonAsync(HttpMethod.Delete, path)).Status);
        (await manager.GetAsync(path, Doors.Json)).Refused(404, "ALERT_CONFIG_NOT_FOUND");
        (await manager.SendJsonAsync(HttpMethod.Delete, path)).Refused(404, "ALERT_CONFIG_NOT_FOUND");
        Assert.Equal(["ALERT_CONFIG_DELETED_AUDIT", "ALERT_CONFIG_DISABLED_AUDIT", "ALERT_CONFIG_CHANGED_AUDIT", "ALERT_CONFIG_ADDED_AUDIT"],
            (await doors.EventsAsync()).Where(t => t.StartsWith("ALERT_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_new_project_has_the_default_configurations_and_a_first_key_adds_its_rotation_alert()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var before = await ListAsync(doors, owner);
        Assert.Contains(before, c => Type(c) == NetworkDenied && c["enabled"]!.GetValue<bool>());
        Assert.DoesNotContain(before, c => Type(c).EndsWith("NEEDS_ROTATION", StringComparison.Ordinal));

        await doors.EnableAwsAsync(owner);

        var rotation = Assert.Single(await ListAsync(doors, owner), c => Type(c).EndsWith("NEEDS_ROTATION", StringComparison.Ordinal));
        Assert.Equal("AWS_ENCRYPTION_KEY_NEEDS_ROTATION", Type(rotation));
        Assert.Equal("""{"operator":"GREATER_THAN","units":"DAYS","threshold":90}""", rotation["threshold"]!.ToJsonString());

        // It stays when the key goes, and stays deleted when a key comes again.
        await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"enabled":false}}""");
        Assert.Contains(await ListAsync(doors, owner), c => Type(c) == Type(rotation));
        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, $"{doors.Group}/alertConfigs/{rotation["id"]}")).Status);
        await doors.EnableAwsAsync(owner);
        Assert.DoesNotContain(await ListAsync(doors, owner), c => Type(c) == Type(rotation));
    }

    [Fact]
    public async Task A_toggle_turns_a_default_off_and_on_and_touches_nothing_else()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var config = (await ListAsync(doors, owner)).First(c => Type(c) == NetworkDenied);
        var path = $"{doors.Group}/alertConfigs/{config["id"]}";

        var off = await owner.SendJsonAsync(HttpMethod.Patch, path, """{"enabled":false,"eventTypeName":"NONSENSE"}""");
        Assert.Equal((false, NetworkDenied), (off.Body!["enabled"]!.GetValue<bool>(), Type(off.Body)));
        Assert.True((await owner.SendJsonAsync(HttpMethod.Patch, path, """{"enabled":true}""")).Body!["enabled"]!.GetValue<bool>());
        await owner.SendJsonAsync(HttpMethod.Patch, path, """{"enabled":true}""");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, "{}")).Refused(400, "MISSING_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"enabled":"no"}""")).Refused(400, "VALIDATION_ERROR");
        Assert.Equal(["ALERT_CONFIG_ENABLED_AUDIT", "ALERT_CONFIG_DISABLED_AUDIT"], (await doors.EventsAsync()).Where(t => t.StartsWith("ALERT_", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{}", "MISSING_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"HOST_DOWN"}""", "INVALID_EVENT_TYPE_FOR_ALERT")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID"}""", "MISSING_NOTIFICATIONS")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[]}""", "MISSING_NOTIFICATIONS")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_NEEDS_ROTATION","notifications":[GROUP]}""", "MISSING_THRESHOLD")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_NEEDS_ROTATION","notifications":[GROUP],"threshold":{"threshold":90,"units":"HOURS"}}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[GROUP],"threshold":{"threshold":90}}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[GROUP],"metricThreshold":{"metricName":"X"}}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[GROUP],"matchers":[{"fieldName":"CLUSTER_NAME","operator":"EQUALS","value":"orders"}]}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[GROUP],"matchers":[{"fieldName":"CLUSTER_NAME"}]}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[GROUP],"severityOverride":"LOUD"}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[{"typeName":"SLACK","apiToken":"xoxb-secret"}]}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[{"typeName":"GROUP"}]}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[{"typeName":"GROUP","emailEnabled":true,"smsEnabled":true}]}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[{"typeName":"EMAIL"}]}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[{"typeName":"EMAIL","emailAddress":"Ops <ops@example.com>"}]}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","notifications":[{"typeName":"GROUP","emailEnabled":true,"intervalMin":4}]}""", "VALIDATION_ERROR")]
    public async Task What_has_no_effect_or_is_not_whole_is_refused_by_POST_and_PUT_alike(string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        body = body.Replace("[GROUP]", """[{"typeName":"GROUP","emailEnabled":true}]""");
        var config = (await ListAsync(doors, owner))[0];

        var posted = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/alertConfigs", body);
        posted.Refused(400, code);
        Assert.DoesNotContain("xoxb", posted.Body!.ToJsonString());
        (await owner.SendJsonAsync(HttpMethod.Put, $"{doors.Group}/alertConfigs/{config["id"]}", body)).Refused(400, code);
        Assert.DoesNotContain(await doors.EventsAsync(), t => t.StartsWith("ALERT_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Enabled_defaults_to_false()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var made = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/alertConfigs",
            """{"eventTypeName":"GCP_ENCRYPTION_KEY_INVALID","severityOverride":"CRITICAL","notifications":[{"typeName":"EMAIL","emailAddress":"ops@example.com"}]}""");

        Assert.Equal((200, false, "CRITICAL"), (made.Status, made.Body!["enabled"]!.GetValue<bool>(), made.Text("severityOverride")));
    }

    [Fact]
    public async Task Readers_read_and_cluster_managers_change_nothing()
    {
        await using var doors = await Doors.OpenAsync();
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        using var clusters = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        using var stranger = await doors.AsAsync();
        var config = (await ListAsync(doors, reader))[0];
        var path = $"{doors.Group}/alertConfigs/{config["id"]}";
        var alert = await OpenAsync(doors);

        Assert.Equal(200, (await reader.GetAsync(path, Doors.Json)).Status);
        Assert.Equal(200, (await reader.GetAsync($"{path}/alerts", Doors.Json)).Status);
        Assert.Equal(200, (await reader.GetAsync($"{doors.Group}/alerts/{alert.Id}/alertConfigs", Doors.Json)).Status);
        foreach (var client in new[] { reader, clusters })
        {
            (await client.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/alertConfigs", Rotation)).Refused(403, "ACCESS_FORBIDDEN");
            (await client.SendJsonAsync(HttpMethod.Put, path, Rotation)).Refused(403, "ACCESS_FORBIDDEN");
            (await client.SendJsonAsync(HttpMethod.Patch, path, """{"enabled":false}""")).Refused(403, "ACCESS_FORBIDDEN");
            (await client.SendJsonAsync(HttpMethod.Delete, path)).Refused(403, "ACCESS_FORBIDDEN");
            (await client.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/alerts/{alert.Id}", """{"unacknowledgeAlert":true}""")).Refused(403, "ACCESS_FORBIDDEN");
        }
        (await stranger.GetAsync($"{doors.Group}/alertConfigs", Doors.Json)).Refused(401, "NOT_IN_GROUP");
        (await stranger.GetAsync($"{path}/alerts", Doors.Json)).Refused(401, "NOT_IN_GROUP");
        (await stranger.GetAsync($"{doors.Group}/alerts/{alert.Id}/alertConfigs", Doors.Json)).Refused(401, "NOT_IN_GROUP");
        var names = await stranger.GetAsync("/api/atlas/v2/alertConfigs/matchers/fieldNames", Doors.Json);
        Assert.Contains("CLUSTER_NAME", names.Body!.AsArray().Select(n => n!.GetValue<string>()));
    }

    [Fact]
    public async Task Ids_that_are_none_and_pages_are_answered_as_such()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await owner.GetAsync($"{doors.Group}/alertConfigs/NONE", Doors.Json)).Refused(404, "INVALID_ALERT_CONFIG_ID");
        (await owner.GetAsync($"{doors.Group}/alertConfigs/{new string('0', 24)}/alerts", Doors.Json)).Refused(404, "ALERT_CONFIG_NOT_FOUND");
        (await owner.GetAsync($"{doors.Group}/alerts/{new string('0', 24)}/alertConfigs", Doors.Json)).Refused(404, "ALERT_NOT_FOUND");
        var page = await owner.GetAsync($"{doors.Group}/alertConfigs?itemsPerPage=2&pageNum=2", Doors.Json);
        Assert.Equal((2, 5), (page.Body!["results"]!.AsArray().Count, page.Body["totalCount"]!.GetValue<int>()));
        Assert.Equal(["self", "previous", "next"], page.Body["links"]!.AsArray().Select(l => l!["rel"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_alert_and_its_configuration_name_each_other()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var alert = await OpenAsync(doors);

        var config = (await owner.GetAsync($"{doors.Group}/alerts/{alert.Id}", Doors.Json)).Text("alertConfigId");
        var configs = await owner.GetAsync($"{doors.Group}/alerts/{alert.Id}/alertConfigs", Doors.Json);
        Assert.Equal(config, Assert.Single(configs.Body!["results"]!.AsArray())!["id"]!.GetValue<string>());
        var alerts = await owner.GetAsync($"{doors.Group}/alertConfigs/{config}/alerts", Doors.Json);
        Assert.Equal(alert.Id.Value, Assert.Single(alerts.Body!["results"]!.AsArray())!["id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("2023-01-01", """{"acknowledgedUntil":"2020-01-01T00:00:00Z"}""")]
    [InlineData("2024-05-30", """{"unacknowledgeAlert":true}""")]
    public async Task An_open_alert_is_acknowledged_and_given_back(string version, string giveBack)
    {
        await using var doors = await Doors.OpenAsync();
        using var manager = await doors.AsAsync("GROUP_ALERTS_MANAGER");
        var path = $"{doors.Group}/alerts/{(await OpenAsync(doors)).Id}";
        var accept = $"application/vnd.atlas.{version}+json";

        var taken = await manager.SendJsonAsync(HttpMethod.Patch, path, """{"acknowledgedUntil":"2026-03-20T00:00:00Z","acknowledgementComment":"on it"}""", accept);
        Assert.Equal(("2026-03-20T00:00:00Z", "on it"), (taken.Text("acknowledgedUntil"), taken.Text("acknowledgementComment")));
        Assert.StartsWith("mdb_sa_id_", taken.Text("acknowledgingUsername"));
        var back = await manager.SendJsonAsync(HttpMethod.Patch, path, giveBack, accept);
        Assert.Null(back.Body!["acknowledgedUntil"]);
        Assert.Null(back.Body["acknowledgingUsername"]);

        var events = await manager.GetAsync($"{doors.Group}/events", Doors.Json);
        Assert.Equal(["ALERT_UNACKNOWLEDGED_AUDIT", "ALERT_ACKNOWLEDGED_AUDIT"], events.Body!["results"]!.AsArray().Select(e => e!["eventTypeName"]!.GetValue<string>()));
        Assert.EndsWith(events.Body["results"]![0]!["alertId"]!.GetValue<string>(), path);
    }

    [Fact]
    public async Task Only_an_open_alert_can_be_acknowledged_and_only_with_a_time_and_a_short_comment()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var open = $"{doors.Group}/alerts/{(await OpenAsync(doors)).Id}";
        var closed = $"{doors.Group}/alerts/{(await OpenAsync(doors, AlertStatus.Closed)).Id}";

        (await owner.SendJsonAsync(HttpMethod.Patch, closed, """{"acknowledgedUntil":"2026-03-20T00:00:00Z"}""")).Refused(400, "INVALID_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Patch, open, "{}")).Refused(400, "MISSING_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Patch, open, """{"acknowledgedUntil":"later"}""")).Refused(400, "VALIDATION_ERROR");
        (await owner.SendJsonAsync(HttpMethod.Patch, open, $$"""{"acknowledgedUntil":"2026-03-20T00:00:00Z","acknowledgementComment":"{{new string('x', 201)}}"}""")).Refused(400, "VALIDATION_ERROR");
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/alerts/{new string('0', 24)}", """{"unacknowledgeAlert":true}""")).Refused(404, "ALERT_NOT_FOUND");
    }

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(Doors doors, HttpClient client)
        => [.. (await client.GetAsync($"{doors.Group}/alertConfigs", Doors.Json)).Body!["results"]!.AsArray().Select(c => c!)];

    private static string Type(JsonNode config) => config["eventTypeName"]!.GetValue<string>();

    // The address differs: a list's item and the item itself.
    private static string Essence(Answer answer)
    {
        var copy = answer.Body!.DeepClone().AsObject();
        copy.Remove("links");
        return copy.ToJsonString();
    }

    private static async Task<Alert> OpenAsync(Doors doors, AlertStatus status = AlertStatus.Open)
    {
        var now = doors.Time.GetUtcNow();
        var alert = new Alert(AlertId.FromValid(new SystemIds(doors.Time).NewHex()), doors.First.ProjectId, NetworkDenied, $"{status}", status, now, now);
        await doors.Store.SaveAsync(alert, 0, [], Cancellation);
        return alert;
    }
}
