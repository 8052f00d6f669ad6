using System.Text.Json.Nodes;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Clients;

/// <summary>What Terraform's configurations have around keys and clusters: projects, alerts, windows (spec atlas-ear §2.12, §3.5).</summary>
public sealed class TerraformProjectTests
{
    private const string Groups = "/api/atlas/v2/groups";

    [Fact]
    public async Task A_project_is_created_read_with_all_its_side_calls_renamed_and_destroyed()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);

        var created = await sdk.PostAsync(Groups, $$"""{"name":"shop","orgId":"{{doors.First.OrgId}}","withDefaultAlertsSettings":true}""");
        Assert.Equal(200, created.Status);
        var path = $"{Groups}/{created.Text("id")}";
        Assert.Equal("shop", (await sdk.GetAsync(path)).Text("name"));
        foreach (var below in (string[])["limits", "settings", "ipAddresses"])
            Assert.Equal(200, (await sdk.GetAsync($"{path}/{below}")).Status);
        Assert.Equal("shop 2", (await sdk.PatchAsync(path, """{"name":"shop 2"}""")).Text("name"));

        Assert.Equal(204, (await sdk.DeleteAsync(path)).Status);
        (await sdk.GetAsync(path)).Refused(404, "GROUP_NOT_FOUND");
    }

    [Fact]
    public async Task A_project_with_clusters_cannot_be_destroyed()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        Assert.Equal(201, (await sdk.PostAsync("/clusters", AtlasSdk.Orders.Replace("\"encryptionAtRestProvider\":\"AWS\",", ""), "2024-10-23")).Status);

        (await sdk.DeleteAsync("")).Refused(409, "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS");
    }

    [Fact]
    public async Task The_projects_data_source_reads_all_pages()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);
        await sdk.PostAsync(Groups, $$"""{"name":"shop","orgId":"{{doors.First.OrgId}}"}""");

        var first = (await sdk.GetAsync($"{Groups}?includeCount=true&itemsPerPage=1&pageNum=1")).Body!;
        var second = (await sdk.GetAsync($"{Groups}?includeCount=true&itemsPerPage=1&pageNum=2")).Body!;

        Assert.Equal((2, 2), (first["totalCount"]!.GetValue<int>(), second["totalCount"]!.GetValue<int>()));
        Assert.NotEqual(first["results"]![0]!["id"]!.GetValue<string>(), second["results"]![0]!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_alert_configuration_is_updated_by_the_whole_document_that_was_read()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);

        var made = await sdk.PostAsync("/alertConfigs", """
            {"enabled":true,"eventTypeName":"AWS_ENCRYPTION_KEY_NEEDS_ROTATION","matchers":[],"threshold":{"operator":"GREATER_THAN","threshold":30,"units":"DAYS"},
            "notifications":[{"typeName":"GROUP","intervalMin":5,"delayMin":0,"emailEnabled":true,"smsEnabled":false,"roles":["GROUP_OWNER"]}]}
            """);
        Assert.Equal(200, made.Status);
        var path = $"/alertConfigs/{made.Text("id")}";
        var whole = (await sdk.GetAsync(path)).Body!.AsObject();
        whole["threshold"]!["threshold"] = 60;

        // As it was read, what only the server writes included; and without that, as the provider sends it.
        var all = whole.ToJsonString();
        foreach (var readOnly in (string[])["id", "created", "updated", "groupId", "links"])
            whole.Remove(readOnly);
        foreach (var body in (string[])[all, whole.ToJsonString()])
        {
            var put = await sdk.PutAsync(path, body);
            Assert.True(put.Status == 200, put.Body?.ToJsonString());
            Assert.Equal((60, made.Text("id")), (put.Body!["threshold"]!["threshold"]!.GetValue<int>(), put.Text("id")));
        }
        (await sdk.PutAsync(path, """{"threshold":{"operator":"GREATER_THAN","threshold":90,"units":"DAYS"}}""")).Refused(400, "MISSING_ATTRIBUTE");
        Assert.Equal(60, (await sdk.GetAsync(path)).Body!["threshold"]!["threshold"]!.GetValue<int>());

        Assert.False((await sdk.PatchAsync(path, """{"enabled":false}""")).Body!["enabled"]!.GetValue<bool>());
        Assert.Equal(204, (await sdk.DeleteAsync(path)).Status);
        (await sdk.GetAsync(path)).Refused(404, "ALERT_CONFIG_NOT_FOUND");
    }

    [Fact]
    public async Task The_alert_that_Ear_made_by_itself_is_found_by_the_data_source_imported_and_changed()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);

        var listed = (await sdk.GetAsync("/alertConfigs?includeCount=true&itemsPerPage=500&pageNum=1")).Body!;
        var found = listed["results"]!.AsArray().Single(c => c!["eventTypeName"]!.GetValue<string>() == "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED")!;
        Assert.Equal(listed["totalCount"]!.GetValue<int>(), listed["results"]!.AsArray().Count);
        var path = $"/alertConfigs/{found["id"]!.GetValue<string>()}";
        var imported = (await sdk.GetAsync(path)).Body!;
        Assert.True(imported["enabled"]!.GetValue<bool>());
        imported["notifications"]![0]!["intervalMin"] = 60;

        var changed = await sdk.PutAsync(path, imported.ToJsonString());

        Assert.Equal((200, 60), (changed.Status, changed.Body!["notifications"]![0]!["intervalMin"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_maintenance_window_is_set_deferred_changed_and_reset()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);

        Assert.Equal(200, (await sdk.PatchAsync("/maintenanceWindow", """{"dayOfWeek":3,"hourOfDay":4}""")).Status);
        var window = (await sdk.GetAsync("/maintenanceWindow")).Body!;
        Assert.Equal((3, 4), (window["dayOfWeek"]!.GetValue<int>(), window["hourOfDay"]!.GetValue<int>()));
        Assert.False(window["autoDeferOnceEnabled"]!.GetValue<bool>());

        // auto_defer and defer are calls of their own; nothing is scheduled that could be put off.
        Assert.Equal(200, (await sdk.SendAsync(HttpMethod.Post, "/maintenanceWindow/autoDefer", "2023-01-01")).Status);
        Assert.True((await sdk.GetAsync("/maintenanceWindow")).Body!["autoDeferOnceEnabled"]!.GetValue<bool>());
        (await sdk.SendAsync(HttpMethod.Post, "/maintenanceWindow/defer", "2023-01-01")).Refused(400, "ATLAS_MAINTENANCE_NOT_SCHEDULED");
        Assert.Equal(200, (await sdk.PatchAsync("/maintenanceWindow", """{"dayOfWeek":7,"hourOfDay":0,"protectedHours":{"startHourOfDay":8,"endHourOfDay":18}}""")).Status);
        window = (await sdk.GetAsync("/maintenanceWindow")).Body!;
        Assert.Equal((7, 0, 8, 18), (window["dayOfWeek"]!.GetValue<int>(), window["hourOfDay"]!.GetValue<int>(), window["protectedHours"]!["startHourOfDay"]!.GetValue<int>(), window["protectedHours"]!["endHourOfDay"]!.GetValue<int>()));

        Assert.Equal(204, (await sdk.DeleteAsync("/maintenanceWindow")).Status);
        Assert.Equal(204, (await sdk.DeleteAsync("/maintenanceWindow")).Status);
        (await sdk.SendAsync(HttpMethod.Post, "/maintenanceWindow/autoDefer", "2023-01-01")).Refused(400, "ATLAS_MAINTENANCE_WINDOW_NOT_DEFINED");
    }

    [Fact]
    public async Task The_control_planes_addresses_are_read_in_one_exchange_for_they_need_no_credential()
    {
        await using var doors = await Doors.OpenAsync();
        using var digest = new GoDigestHandler(doors.First.PublicKey, doors.First.PrivateKey!);
        using var sdk = AtlasSdk.With(doors, new HttpClient(digest) { BaseAddress = doors.Url });

        var addresses = (await sdk.GetAsync("/api/atlas/v2/unauth/controlPlaneIPAddresses", "2023-11-15")).Body!;

        Assert.Equal(1, digest.Exchanges);
        Assert.Equal((true, true), (addresses["inbound"] is JsonObject, addresses["outbound"] is JsonObject));
    }
}
