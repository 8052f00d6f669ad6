using System.Net.Http.Headers;
using System.Text;
using Ear.Functions.Tests.ApiDocument;
using Ear.Functions.Tests.Contract.Samples;
using Ear.Functions.Tests.Http.World;
using Ear.Projects;

namespace Ear.Functions.Tests.Contract;

/// <summary>That the role in the document is the door's, by asking at the door with each role.</summary>
public sealed class RoleTests
{
    private static IEnumerable<DocumentedOperation> OfProjects => OpenApi.Own.Operations.Where(o => Demanded(o) is not null);

    public static TheoryData<string> Cases => [.. OfProjects.Select(o => o.Id)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_documented_role_may_and_no_lesser_one(string operation)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = doors.WithKey();
        var documented = OfProjects.Single(o => o.Id == operation);
        var demanded = Demanded(documented)!;
        var asked = await AllSamples.List.Last(s => s.Operation == operation).Make(doors, owner);

        // First who may not: a deletion by who may would leave nothing to ask for.
        foreach (var held in Role.OfProjects.OrderBy(r => demanded.IsImpliedBy(r.AtlasName)))
        {
            using var caller = await doors.AsAsync(held.AtlasName);
            Assert.True(demanded.IsImpliedBy(held.AtlasName) == !await IsForbiddenAsync(caller, documented, asked), $"{operation} is documented for {demanded.Words}; the door says otherwise of {held.Words}.");
        }
    }

    private static Role? Demanded(DocumentedOperation operation)
        => operation.Text["x-rolesRequirements"]?[0]?.GetValue<string>() is { } words ? Role.OfProjects.FirstOrDefault(r => r.Words == words && operation.Path.Contains("{groupId}", StringComparison.Ordinal)) : null;

    private static async Task<bool> IsForbiddenAsync(HttpClient caller, DocumentedOperation operation, SampleRequest asked)
    {
        var type = operation.IsVersioned ? $"application/vnd.atlas.{operation.Versions[^1]}+json" : "application/json";
        using var request = new HttpRequestMessage(HttpMethod.Parse(operation.Method), asked.Path);
        request.Headers.TryAddWithoutValidation("Accept", type);
        if (asked.Body is { } body)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        using var answer = await caller.SendAsync(request, TestContext.Current.CancellationToken);
        return (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("\"ACCESS_FORBIDDEN\"", StringComparison.Ordinal);
    }
}
