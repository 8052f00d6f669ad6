using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Projects;

public sealed class MaintenanceWindowTests
{
    [Fact]
    public async Task A_window_is_set_shown_changed_and_reset()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var path = $"{doors.Group}/maintenanceWindow";
        Assert.Equal((1, 0), await WindowAsync(owner, path));

        var set = await owner.SendJsonAsync(HttpMethod.Patch, path, """{"dayOfWeek":7,"hourOfDay":23,"protectedHours":{"startHourOfDay":8,"endHourOfDay":18}}""");
        Assert.Equal((200, "{}"), (set.Status, set.Body!.ToJsonString()));
        await owner.SendJsonAsync(HttpMethod.Patch, path, """{"dayOfWeek":6,"autoDeferOnceEnabled":true}""");

        var shown = (await owner.GetAsync(path, Doors.Json)).Body!;
        Assert.Equal("""{"dayOfWeek":6,"hourOfDay":23,"autoDeferOnceEnabled":true,"numberOfDeferrals":0,"startASAP":false,"timeZoneId":"UTC","protectedHours":{"startHourOfDay":8,"endHourOfDay":18}}""", shown.ToJsonString());
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Post, $"{path}/autoDefer")).Status);
        Assert.False((await owner.GetAsync(path, Doors.Json)).Body!["autoDeferOnceEnabled"]!.GetValue<bool>());
        Assert.Equal(204, (await owner.SendJsonAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal((1, 0), await WindowAsync(owner, path));
        Assert.Equal(
            ["ATLAS_MAINTENANCE_WINDOW_REMOVED", "ATLAS_MAINTENANCE_WINDOW_MODIFIED", "ATLAS_MAINTENANCE_WINDOW_MODIFIED", "ATLAS_MAINTENANCE_WINDOW_ADDED"],
            await doors.EventsAsync());
    }

    [Fact]
    public async Task A_toggle_that_is_repeated_does_not_turn_back()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var path = $"{doors.Group}/maintenanceWindow";
        await owner.SendJsonAsync(HttpMethod.Patch, path, """{"dayOfWeek":6}""");

        for (var told = 0; told < 2; told++)
            Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Post, $"{path}/autoDefer", null, Doors.Json, ("Idempotency-Key", "one"))).Status);

        Assert.True((await doors.ProjectAsync()).MaintenanceWindow!.AutoDeferOnce);
        await owner.SendJsonAsync(HttpMethod.Post, $"{path}/autoDefer", null, Doors.Json, ("Idempotency-Key", "two"));
        Assert.False((await doors.ProjectAsync()).MaintenanceWindow!.AutoDeferOnce);
    }

    [Theory]
    [InlineData("""{"hourOfDay":1}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"dayOfWeek":0}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"dayOfWeek":8}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"dayOfWeek":1,"hourOfDay":24}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"dayOfWeek":1,"startASAP":true}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"dayOfWeek":1,"protectedHours":{"startHourOfDay":1}}""", "INVALID_ATTRIBUTE")]
    [InlineData("""{"dayOfWeek":"monday","hourOfDay":1.5}""", "VALIDATION_ERROR")]
    public async Task A_window_that_cannot_be_is_refused(string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/maintenanceWindow", body)).Refused(400, code);
        Assert.Null((await doors.ProjectAsync()).MaintenanceWindow);
    }

    [Fact]
    public async Task What_is_not_scheduled_cannot_be_put_off()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var path = $"{doors.Group}/maintenanceWindow";

        (await owner.SendJsonAsync(HttpMethod.Post, $"{path}/defer")).Refused(400, "ATLAS_MAINTENANCE_WINDOW_NOT_DEFINED");
        (await owner.SendJsonAsync(HttpMethod.Post, $"{path}/autoDefer")).Refused(400, "ATLAS_MAINTENANCE_WINDOW_NOT_DEFINED");
        await owner.SendJsonAsync(HttpMethod.Patch, path, """{"dayOfWeek":3}""");
        (await owner.SendJsonAsync(HttpMethod.Post, $"{path}/defer")).Refused(400, "ATLAS_MAINTENANCE_NOT_SCHEDULED");
    }

    [Fact]
    public async Task A_window_is_the_Owners_to_change()
    {
        await using var doors = await Doors.OpenAsync();
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        var path = $"{doors.Group}/maintenanceWindow";

        Assert.Equal(200, (await manager.GetAsync(path, Doors.Json)).Status);
        (await manager.SendJsonAsync(HttpMethod.Patch, path, """{"dayOfWeek":3}""")).Refused(403, "ACCESS_FORBIDDEN");
        (await manager.SendJsonAsync(HttpMethod.Delete, path)).Refused(403, "ACCESS_FORBIDDEN");
        (await manager.SendJsonAsync(HttpMethod.Post, $"{path}/defer")).Refused(403, "ACCESS_FORBIDDEN");
        (await manager.SendJsonAsync(HttpMethod.Post, $"{path}/autoDefer")).Refused(403, "ACCESS_FORBIDDEN");
    }

    private static async Task<(int Day, int Hour)> WindowAsync(HttpClient client, string path)
        => (await client.GetAsync(path, Doors.Json)).Body is { } body ? (body["dayOfWeek"]!.GetValue<int>(), body["hourOfDay"]!.GetValue<int>()) : default;
}
