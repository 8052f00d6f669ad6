using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Projects;

public sealed class OrgDoorTests
{
    private const string Orgs = "/api/atlas/v2/orgs";

    [Fact]
    public async Task The_organisation_and_its_projects_are_listed_and_found_by_the_beginning_of_their_names()
    {
        await using var doors = await Doors.OpenAsync(new Dictionary<string, string?> { ["Ear:Projects:OrganizationName"] = "Acme" });
        using var client = doors.WithKey();
        await client.SendJsonAsync(HttpMethod.Post, "/api/atlas/v2/groups", $$"""{"name":"Shop","orgId":"{{doors.First.OrgId}}"}""");

        var org = Assert.Single((await client.GetAsync($"{Orgs}?name=ac", Doors.Json)).Body!["results"]!.AsArray())!;
        Assert.Equal((doors.First.OrgId.Value, "Acme"), (org["id"]!.GetValue<string>(), org["name"]!.GetValue<string>()));
        Assert.Empty((await client.GetAsync($"{Orgs}?name=cme", Doors.Json)).Body!["results"]!.AsArray());
        Assert.Equal("Acme", (await client.GetAsync($"{Orgs}/{doors.First.OrgId}", Doors.Json)).Text("name"));
        Assert.Equal(2, (await client.GetAsync($"{Orgs}/{doors.First.OrgId}/groups", Doors.Json)).Body!["totalCount"]!.GetValue<int>());
        var found = await client.GetAsync($"{Orgs}/{doors.First.OrgId}/groups?name=sho&itemsPerPage=1", Doors.Json);
        Assert.Equal("Shop", Assert.Single(found.Body!["results"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Contains("name=sho", found.Body["links"]![0]!["href"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_see_what_they_may_read_and_strangers_nothing()
    {
        await using var doors = await Doors.OpenAsync();
        using var key = doors.WithKey();
        await key.SendJsonAsync(HttpMethod.Post, "/api/atlas/v2/groups", $$"""{"name":"shop","orgId":"{{doors.First.OrgId}}"}""");
        using var inProject = await doors.AsAsync("GROUP_READ_ONLY");
        using var member = await doors.AsAsync("ORG_MEMBER");
        using var stranger = await doors.AsAsync();
        var groups = $"{Orgs}/{doors.First.OrgId}/groups";

        Assert.Equal("ear", Assert.Single((await inProject.GetAsync(groups, Doors.Json)).Body!["results"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Empty((await member.GetAsync(groups, Doors.Json)).Body!["results"]!.AsArray());
        Assert.Equal(200, (await member.GetAsync($"{Orgs}/{doors.First.OrgId}", Doors.Json)).Status);
        (await stranger.GetAsync(groups, Doors.Json)).Refused(403, "ACCESS_FORBIDDEN");
        Assert.Empty((await stranger.GetAsync(Orgs, Doors.Json)).Body!["results"]!.AsArray());
    }

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("short")]
    public async Task Another_organisation_does_not_exist(string id)
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.WithKey();

        (await client.GetAsync($"{Orgs}/{id}", Doors.Json)).Refused(404, "ORG_NOT_FOUND");
        (await client.GetAsync($"{Orgs}/{id}/groups", Doors.Json)).Refused(404, "ORG_NOT_FOUND");
    }

    [Fact]
    public async Task A_second_organisation_is_not_offered()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = doors.WithKey();

        (await client.SendJsonAsync(HttpMethod.Post, Orgs, """{"name":"second"}""")).Refused(403, "FEATURE_UNSUPPORTED");
    }
}
