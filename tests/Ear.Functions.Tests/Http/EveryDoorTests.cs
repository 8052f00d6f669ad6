using System.Text;
using Ear.Functions.Http;
using Ear.Functions.Tests.Http.World;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Tests.Http;

/// <summary>What all doors have in common.</summary>
public sealed class EveryDoorTests
{
    [Fact]
    public async Task Malformed_unknown_and_foreign_projects_are_told_apart()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var stranger = await doors.AsAsync();

        (await owner.GetAsync("/api/atlas/v2/groups/NOT-AN-ID", Doors.Json)).Refused(404, "INVALID_GROUP_ID");
        (await owner.GetAsync("/api/atlas/v2/groups/aaaaaaaaaaaaaaaaaaaaaaaa", Doors.Json)).Refused(404, "GROUP_NOT_FOUND");
        (await stranger.GetAsync(doors.Group, Doors.Json)).Refused(401, "NOT_IN_GROUP");
    }

    [Theory]
    [InlineData("GET", "/api/atlas/v2/groups/GROUP/dataFederation")]
    [InlineData("PUT", "/api/atlas/v2/groups/GROUP/a/b/c")]
    [InlineData("PUT", "/api/atlas/v2/groups/GROUP/clusters")]
    [InlineData("GET", "/api/atlas/v2/groups/GROUP/containers/abc")]
    public async Task What_is_not_here_is_said_so_in_words_that_clients_can_read(string method, string path)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var nobody = doors.Anonymous();
        path = path.Replace("GROUP", doors.First.ProjectId.Value);

        (await owner.SendJsonAsync(new HttpMethod(method), path)).Refused(404, "RESOURCE_NOT_FOUND");
        (await nobody.SendJsonAsync(new HttpMethod(method), path)).Refused(401, "USER_UNAUTHORIZED");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("application/vnd.atlas.2022-12-31+json")]
    [InlineData("application/vnd.atlas.2023-13-01+json")]
    public async Task No_version_and_one_older_than_the_resource_are_not_acceptable(string? accept)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await owner.SendJsonAsync(HttpMethod.Get, doors.Group, null, accept)).Refused(406, "INVALID_VERSION_DATE");
    }

    [Theory]
    [InlineData("encryptionAtRest", "2025-03-12", "2023-01-01")]
    [InlineData("clusters", "2025-03-12", "2024-08-05")]
    [InlineData("clusters", "preview", "2024-08-05")]
    [InlineData("clusters", "2024-08-04", "2023-02-01")]
    [InlineData("clusters", "2023-01-31", "2023-01-01")]
    public async Task The_newest_version_that_is_not_newer_than_asked_answers(string resource, string asked, string answered)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var answer = await owner.GetAsync($"{doors.Group}/{resource}", $"application/vnd.atlas.{asked}+json");

        Assert.Equal($"application/vnd.atlas.{answered}+json", answer.Message.Content.Headers.ContentType?.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_refused_with_and_without_a_length(bool chunked)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest")
        {
            Content = new StringContent("""{"x":"a"}""".Replace("a", new string('a', 1 << 20)), Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.TryAddWithoutValidation("Accept", Doors.Json);

        using var answer = await owner.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(413, (int)answer.StatusCode);
        Assert.Contains("REQUEST_BODY_TOO_LARGE", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await doors.EventsAsync());
    }

    [Fact]
    public async Task A_body_nested_too_deep_is_malformed_and_another_type_is_unsupported()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var deep = string.Concat(Enumerable.Repeat("""{"a":""", 40)) + "1" + new string('}', 40);
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", deep)).Refused(400, "MALFORMED_JSON");

        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest") { Content = new StringContent("{}", Encoding.UTF8, "text/plain") };
        request.Headers.TryAddWithoutValidation("Accept", Doors.Json);
        using var answer = await owner.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(415, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Of_a_thousand_faults_the_first_hundred_are_told()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var faults = string.Join(',', Enumerable.Repeat("7", 1000));

        var answer = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", $$"""{"name":"orders","replicationSpecs":[{{faults}}]}""");

        answer.Refused(400, "VALIDATION_ERROR");
        Assert.Equal(100, answer.Body!["badRequestDetail"]!["fields"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_envelope_holds_the_status_and_pretty_is_indented()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var one = await owner.GetAsync($"{doors.Group}?envelope=true", Doors.Json);
        Assert.Equal((200, doors.First.ProjectId.Value), (one.Body!["status"]!.GetValue<int>(), one.Body["content"]!["id"]!.GetValue<string>()));
        var list = await owner.GetAsync($"{doors.Group}/events?envelope=true", Doors.Json);
        Assert.Equal(200, list.Body!["status"]!.GetValue<int>());
        Assert.Contains("\n  ", await (await owner.GetAsync($"{doors.Group}?pretty=true", Doors.Json)).Message.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        (await owner.GetAsync($"{doors.Group}?envelope=maybe", Doors.Json)).Refused(400, "INVALID_ATTRIBUTE");
    }

    [Theory]
    [InlineData("itemsPerPage=0")]
    [InlineData("itemsPerPage=501")]
    [InlineData("pageNum=0")]
    [InlineData("includeCount=7")]
    [InlineData("minDate=yesterday")]
    public async Task A_page_that_cannot_be_is_refused(string query)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        (await owner.GetAsync($"{doors.Group}/events?{query}", Doors.Json)).Refused(400, "INVALID_ATTRIBUTE");
    }

    [Fact]
    public async Task An_unexpected_failure_says_a_correlation_id_and_nothing_else()
    {
        await using var doors = await Doors.OpenAsync(more: [typeof(BrokenFunction)]);
        using var client = doors.Anonymous();

        var answer = await client.GetAsync("/api/broken", Doors.Json);

        answer.Refused(500, "UNEXPECTED_ERROR");
        Assert.DoesNotContain("launch code", answer.Body!.ToJsonString());
        Assert.NotEmpty(answer.Body["parameters"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task Links_name_the_public_address_when_there_is_one()
    {
        await using var doors = await Doors.OpenAsync(new Dictionary<string, string?> { [$"{DoorOptions.Section}:PublicBaseUrl"] = "https://ear.example.com" });
        using var owner = await doors.OwnerAsync();

        var answer = await owner.GetAsync(doors.Group, Doors.Json);

        Assert.Equal($"https://ear.example.com{doors.Group}", answer.Body!["links"]![0]!["href"]!.GetValue<string>());
    }

    public sealed class BrokenFunction
    {
        [Function("broken")]
        public IActionResult Break([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "broken")] HttpRequest request)
            => throw new InvalidOperationException($"launch code at {request.Path}");
    }
}
