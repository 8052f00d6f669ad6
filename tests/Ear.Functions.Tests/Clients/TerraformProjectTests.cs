using System.Text.Json.Nodes;
using Ear.Functions.Tests.Http.World;
using Ear.Functions.Tests.PrivateEndpoints;

namespace Ear.Functions.Tests.Clients;

/// <summary>What Terraform's configurations have around keys and clusters: projects, endpoints, alerts, windows (spec atlas-ear §2.12, §3.3, §3.5).</summary>
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
        foreach (var readOnly in (string[])["id", "created", "updated", "groupId", "links"])
            whole.Remove(readOnly);
        whole["threshold"]!["threshold"] = 60;

        Assert.Equal(60, (await sdk.PutAsync(path, whole.ToJsonString())).Body!["threshold"]!["threshold"]!.GetValue<int>());
        Assert.Equal(204, (await sdk.DeleteAsync(path)).Status);
        Assert.Equal(404, (await sdk.GetAsync(path)).Status);
    }

    [Fact]
    public async Task The_maintenance_window_and_the_control_planes_addresses_are_read_as_asked()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = AtlasSdk.WithKey(doors);

        Assert.Equal(200, (await sdk.PatchAsync("/maintenanceWindow", """{"dayOfWeek":3,"hourOfDay":4}""")).Status);
        var window = (await sdk.GetAsync("/maintenanceWindow")).Body!;
        Assert.Equal((3, 4), (window["dayOfWeek"]!.GetValue<int>(), window["hourOfDay"]!.GetValue<int>()));
        Assert.InRange((await sdk.DeleteAsync("/maintenanceWindow")).Status, 200, 204);
        var addresses = (await sdk.GetAsync("/api/atlas/v2/unauth/controlPlaneIPAddresses", "2023-11-15")).Body!;
        Assert.Equal((true, true), (addresses["inbound"] is JsonObject, addresses["outbound"] is JsonObject));
    }

    [Fact]
    public async Task A_private_endpoint_is_polled_until_it_can_be_approved_and_is_DELETING_right_after_its_DELETE()
    {
        await using var project = await AzureProject.OpenAsync();
        using var sdk = AtlasSdk.WithKey(project.Doors);
        const string endpoints = "/encryptionAtRest/AZURE/privateEndpoints";

        var made = await sdk.PostAsync(endpoints, """{"cloudProvider":"AZURE","regionName":"US_EAST_2"}""");
        Assert.Equal(202, made.Status);
        var path = $"{endpoints}/{made.Text("id")}";
        Assert.Equal("INITIATING", (await sdk.GetAsync(path)).Text("status"));
        Assert.Equal(1, (await sdk.GetAsync($"{endpoints}?includeCount=true&itemsPerPage=100&pageNum=1")).Body!["totalCount"]!.GetValue<int>());

        Assert.Equal(204, (await sdk.DeleteAsync(path)).Status);
        var after = await sdk.GetAsync(path);
        Assert.True(after.Status == 404 || after.Text("status") == "DELETING", after.Body?.ToJsonString());
    }
}
