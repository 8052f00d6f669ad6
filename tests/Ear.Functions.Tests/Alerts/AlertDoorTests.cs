using Ear.Alerts;
using Ear.Functions.Tests.Http.World;
using Ear.Projects;

namespace Ear.Functions.Tests.Alerts;

public sealed class AlertDoorTests
{
    [Fact]
    public async Task Alerts_are_listed_newest_first_and_by_status()
    {
        await using var doors = await Doors.OpenAsync();
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        await SaveAsync(doors, "a", AlertStatus.Closed);
        doors.Time.Advance(TimeSpan.FromMinutes(1));
        var open = await SaveAsync(doors, "b", AlertStatus.Open);

        var all = await reader.GetAsync($"{doors.Group}/alerts", Doors.Json);
        Assert.Equal(["OPEN", "CLOSED"], all.Body!["results"]!.AsArray().Select(a => a!["status"]!.GetValue<string>()));
        var only = await reader.GetAsync($"{doors.Group}/alerts?status=OPEN", Doors.Json);
        Assert.Equal(open.Id.Value, Assert.Single(only.Body!["results"]!.AsArray())!["id"]!.GetValue<string>());
        Assert.Equal("AWS_ENCRYPTION_KEY_INVALID", (await reader.GetAsync($"{doors.Group}/alerts/{open.Id}", Doors.Json)).Text("eventTypeName"));
        (await reader.GetAsync($"{doors.Group}/alerts/{new string('0', 24)}", Doors.Json)).Refused(404, "ALERT_NOT_FOUND");
        (await reader.GetAsync($"{doors.Group}/alerts?status=LOUD", Doors.Json)).Refused(400, "INVALID_ATTRIBUTE");
    }

    [Fact]
    public async Task Events_are_filtered_paged_and_counted()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.AuthorizedRoleAsync(owner);
        await doors.AuthorizedRoleAsync(owner);
        var path = $"{doors.Group}/events?eventType=CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_ADDED";

        var page = await owner.GetAsync($"{path}&itemsPerPage=1", Doors.Json);
        Assert.Equal(2, page.Body!["totalCount"]!.GetValue<int>());
        var found = Assert.Single(page.Body["results"]!.AsArray())!;
        Assert.Equal("CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_ADDED", found["eventTypeName"]!.GetValue<string>());
        Assert.Equal(["self", "next"], page.Body["links"]!.AsArray().Select(l => l!["rel"]!.GetValue<string>()));
        Assert.Null((await owner.GetAsync($"{path}&includeCount=false", Doors.Json)).Body!["totalCount"]);
        Assert.Empty((await owner.GetAsync($"{path}&minDate=2027-01-01T00:00:00Z", Doors.Json)).Body!["results"]!.AsArray());
        Assert.Empty((await owner.GetAsync($"{path}&clusterNames=none", Doors.Json)).Body!["results"]!.AsArray());

        var one = await owner.GetAsync($"{doors.Group}/events/{found["id"]!.GetValue<string>()}?includeRaw=true", Doors.Json);
        Assert.NotEmpty(one.Body!["raw"]!["hash"]!.GetValue<string>());
        (await owner.GetAsync($"{doors.Group}/events/{new string('0', 24)}", Doors.Json)).Refused(404, "RESOURCE_NOT_FOUND");
    }

    [Fact]
    public async Task A_stranger_sees_neither_alerts_nor_events()
    {
        await using var doors = await Doors.OpenAsync();
        using var stranger = await doors.AsAsync();

        (await stranger.GetAsync($"{doors.Group}/alerts", Doors.Json)).Refused(401, "NOT_IN_GROUP");
        (await stranger.GetAsync($"{doors.Group}/events", Doors.Json)).Refused(401, "NOT_IN_GROUP");
    }

    private static async Task<Alert> SaveAsync(Doors doors, string subject, AlertStatus status)
    {
        var now = doors.Time.GetUtcNow();
        var alert = new Alert(AlertId.FromValid(new SystemIds(doors.Time).NewHex()), doors.First.ProjectId, "AWS_ENCRYPTION_KEY_INVALID", subject, status, now, now);
        await doors.Store.SaveAsync(alert, 0, [], TestContext.Current.CancellationToken);
        return alert;
    }
}
