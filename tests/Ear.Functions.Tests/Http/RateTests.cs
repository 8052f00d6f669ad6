using Ear.Functions.Http;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Http;

public sealed class RateTests
{
    private static Dictionary<string, string?> Settings(string perSecond, string atOnce) => new()
    {
        [$"{DoorOptions.Section}:RequestsPerSecond"] = perSecond,
        [$"{DoorOptions.Section}:RequestsAtOnce"] = atOnce,
    };

    [Fact]
    public async Task A_credential_that_asks_too_much_waits_as_it_is_told_and_others_do_not()
    {
        await using var doors = await Doors.OpenAsync(Settings("0.5", "3"));
        using var owner = await doors.OwnerAsync();
        using var other = await doors.OwnerAsync();

        foreach (var left in new[] { "2", "1", "0" })
        {
            var answer = await owner.GetAsync(doors.Group, Doors.Json);
            Assert.Equal((200, "3", left), (answer.Status, answer.Header("RateLimit-Limit"), answer.Header("RateLimit-Remaining")));
        }
        var refused = await owner.GetAsync($"{doors.Group}/nowhere-but-it-does-not-matter/../clusters", Doors.Json);
        refused.Refused(429, "RATE_LIMITED_TOKEN_BUCKET");
        Assert.Equal(TimeSpan.FromSeconds(2), refused.Message.Headers.RetryAfter!.Delta);
        Assert.Equal("0", refused.Header("RateLimit-Remaining"));
        Assert.Equal(200, (await other.GetAsync(doors.Group, Doors.Json)).Status);

        doors.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(200, (await owner.GetAsync(doors.Group, Doors.Json)).Status);
        (await owner.GetAsync(doors.Group, Doors.Json)).Refused(429, "RATE_LIMITED_TOKEN_BUCKET");
    }

    [Fact]
    public async Task A_bucket_fills_no_further_than_it_holds()
    {
        await using var doors = await Doors.OpenAsync(Settings("10", "2"));
        using var owner = await doors.OwnerAsync();
        doors.Time.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal("1", (await owner.GetAsync(doors.Group, Doors.Json)).Header("RateLimit-Remaining"));
        Assert.Equal("0", (await owner.GetAsync(doors.Group, Doors.Json)).Header("RateLimit-Remaining"));
        Assert.Equal(429, (await owner.GetAsync(doors.Group, Doors.Json)).Status);
    }

    [Fact]
    public async Task No_limit_says_nothing_and_who_is_not_known_has_none()
    {
        await using var doors = await Doors.OpenAsync(Settings("0", "1"));
        using var owner = await doors.OwnerAsync();
        await owner.GetAsync(doors.Group, Doors.Json);

        var second = await owner.GetAsync(doors.Group, Doors.Json);

        Assert.Equal((200, null), (second.Status, second.Header("RateLimit-Limit")));
        using var nobody = doors.Anonymous();
        Assert.Equal(401, (await nobody.GetAsync(doors.Group, Doors.Json)).Status);
    }
}
