using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;
using Ear.Functions.Tests.Contract.Samples;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract;

/// <summary>Every operation of the document, once in each of its versions, with a good request.</summary>
public sealed class SampleTests
{
    public static TheoryData<string, string> Cases => [.. AllSamples.List.Select(s => new TheoryDataRow<string, string>(s.Operation, s.Version))];

    [Fact]
    public void Every_operation_has_a_good_request_in_each_of_its_versions()
        => Assert.Equal(
            OpenApi.Own.Operations.SelectMany(o => o.Versions.Select(v => $"{o.Id} {v}")).Order(StringComparer.Ordinal),
            AllSamples.List.Select(s => $"{s.Operation} {s.Version}").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_good_request_is_answered_in_the_version_that_it_asks_for(string operation, string version)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        var sample = AllSamples.List.Single(s => s.Operation == operation && s.Version == version);
        var documented = OpenApi.Own.Operations.Single(o => o.Id == operation);
        var asked = await sample.Make(doors, owner);
        using var request = new HttpRequestMessage(HttpMethod.Parse(documented.Method), asked.Path);
        var type = version.Length > 0 ? $"application/vnd.atlas.{version}+json" : "application/json";
        request.Headers.TryAddWithoutValidation("Accept", type);
        if (asked.Body is { } body)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        if (asked.Form is { } form)
        {
            request.Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{doors.First.ClientId}:{doors.First.ClientSecret}")));
        }

        using var answer = await owner.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(operation, Contracts.Own.Operation(documented.Method, asked.Path)?.Id);
        var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (sample.Refusal is { } code)
        {
            Assert.Equal(code, JsonNode.Parse(said)!["errorCode"]!.GetValue<string>());
            return;
        }
        Assert.True(answer.IsSuccessStatusCode, said);
        if (version.Length > 0 && answer.Content.Headers.ContentType is { } answered)
            Assert.Equal(type, answered.ToString());
        if (version.Length > 0 && asked.Body is { } sent)
            Assert.All(Contracts.All, contract => Assert.Empty(contract.OfRequest(documented.Method, asked.Path, version, JsonNode.Parse(sent))));
    }

    [Fact]
    public async Task Who_has_no_credentials_gets_only_what_the_document_says_is_for_everybody()
    {
        await using var doors = await Doors.OpenAsync();
        using var nobody = doors.Anonymous();
        foreach (var operation in OpenApi.Own.Operations.Where(o => o.IsVersioned))
        {
            var path = operation.Path.Replace("{groupId}", doors.First.ProjectId.Value, StringComparison.Ordinal).Replace('{', 'a').Replace('}', 'a');
            using var request = new HttpRequestMessage(HttpMethod.Parse(operation.Method), path);
            request.Headers.TryAddWithoutValidation("Accept", $"application/vnd.atlas.{operation.Versions[^1]}+json");
            using var answer = await nobody.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.True(operation.NeedsCaller == ((int)answer.StatusCode == 401), $"{operation.Id} answered {answer.StatusCode} to nobody.");
        }
    }
}
