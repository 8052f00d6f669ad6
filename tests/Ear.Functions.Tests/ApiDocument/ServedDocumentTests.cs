using System.Net;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.ApiDocument;

public sealed class ServedDocumentTests
{
    [Fact]
    public async Task Anybody_may_read_the_document_and_is_told_when_it_has_not_changed()
    {
        await using var doors = await Doors.OpenAsync();
        using var anybody = doors.Anonymous();

        using var first = await anybody.GetAsync("/api/atlas/v2/openapi.json", TestContext.Current.CancellationToken);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/atlas/v2/openapi.json");
        again.Headers.TryAddWithoutValidation("If-None-Match", $"\"other\", W/{first.Headers.ETag}");
        using var second = await anybody.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (first.StatusCode, first.Content.Headers.ContentType?.ToString()));
        var document = JsonNode.Parse(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.NotNull(document["paths"]!["/api/atlas/v2/groups/{groupId}/encryptionAtRest"]);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_page_lists_every_operation_and_loads_nothing()
    {
        await using var doors = await Doors.OpenAsync();
        using var anybody = doors.Anonymous();

        using var answer = await anybody.GetAsync("/api/atlas/v2/docs", TestContext.Current.CancellationToken);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.All(OpenApi.Own.Operations, o => Assert.Contains($"<details id=\"{o.Id}\">", page));
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("src=", page);
        Assert.DoesNotContain("<link", page);
        Assert.Contains("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
    }

    [Fact]
    public void Every_link_within_the_page_leads_somewhere()
    {
        var page = Functions.ApiDocument.ReferencePage.Of(OpenApi.Own.Document);

        var targets = page.Split("href=\"#").Skip(1).Select(rest => rest[..rest.IndexOf('"')]).Distinct();
        Assert.All(targets, target => Assert.Contains($"id=\"{target}\"", page));
    }
}
