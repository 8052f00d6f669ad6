using System.Text;
using System.Text.Json.Nodes;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;
using Ear.Local.Kms;
using Ear.Local.PrivateLink;
using Ear.PrivateEndpoints;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.PrivateEndpoints;

/// <summary>What <c>ear up</c> has in the place of a cloud's private links, and what a customer does there with curl.</summary>
public sealed class LocalPrivateLinkTests : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ear-links-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly HttpClient http = new();
    private LocalKms? kms;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LocalKms Kms => kms ?? throw new InvalidOperationException("It does not run.");

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (kms is not null)
            await kms.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_connection_waits_is_approved_rejected_and_made_again()
    {
        await using var project = await OpenAsync();
        var id = await project.MakeAsync();
        await project.LookAsync(id);
        Assert.Equal(409, await PostAsync($"ear-{id}/approve"));
        await SeenAsync(project, id, "PENDING_ACCEPTANCE");
        var name = (await project.GetAsync(id)).Text("privateEndpointConnectionName");
        var shown = await ConnectionAsync(id);
        Assert.Equal((name, "US_EAST_2", "pending"), (shown["name"]!.GetValue<string>(), shown["regionName"]!.GetValue<string>(), shown["state"]!.GetValue<string>()));
        Assert.EndsWith("/vaults/orders", shown["target"]!.GetValue<string>(), StringComparison.Ordinal);

        Assert.Equal(204, await PostAsync($"{name}/approve"));
        await SeenAsync(project, id, "ACTIVE");
        Assert.Equal(204, await PostAsync($"{name}/reject"));
        await SeenAsync(project, id, "PENDING_RECREATION");
        await project.LookAsync(id);

        var next = (await ((IPrivateEndpoints)project.Doors.Store).ListAsync(project.Doors.First.ProjectId, Cancellation)).Select(e => e.Document.Id).Single(e => e != id);
        await project.LookAsync(next);
        await SeenAsync(project, next, "PENDING_ACCEPTANCE");
        Assert.Equal(204, await PostAsync($"ear-{next}/approve"));
        await SeenAsync(project, next, "ACTIVE");
        await project.LookAsync(id);
        await SeenAsync(project, id, "404");
        Assert.Single((await ConnectionsAsync()).AsArray());
    }

    [Fact]
    public async Task A_failure_is_told_with_its_reason()
    {
        await using var project = await OpenAsync();
        var id = await project.MakeAsync();
        await project.LookAsync(id);

        Assert.Equal(204, await PostAsync($"ear-{id}/fail", """{"reason":"The subscription has no Microsoft.Network"}"""));
        await SeenAsync(project, id, "FAILED");

        Assert.Equal("The subscription has no Microsoft.Network.", (await project.GetAsync(id)).Text("errorMessage"));
        Assert.Equal(409, await PostAsync("ear-nobody/approve"));
        Assert.Equal(404, await PostAsync($"ear-{id}/bless"));
    }

    [Fact]
    public async Task It_goes_on_where_it_was_after_a_restart()
    {
        await StartAsync();
        var order = new PrivateLinkOrder(PrivateEndpointId.FromValid(new string('a', 24)), Ear.Projects.ProjectId.FromValid(new string('1', 24)), KeyProvider.Azure, "US_EAST_2", "vault");
        Kms.PrivateLinks.Ensure(order);
        time.Advance(SimulatedLink.Moment);
        Assert.Equal(204, await PostAsync($"ear-{order.Id}/approve"));
        var aws = order with { Id = PrivateEndpointId.FromValid(new string('b', 24)), Provider = KeyProvider.Aws };
        Kms.PrivateLinks.Ensure(aws);
        time.Advance(SimulatedLink.Moment);

        await Kms.DisposeAsync();
        await StartAsync();

        Assert.Equal(new PrivateLinkSight.Up($"ear-{order.Id}"), Kms.PrivateLinks.Ensure(order));
        Assert.Equal(new PrivateLinkSight.Up(null), Kms.PrivateLinks.Look(aws.Id));
        Assert.Equal(409, await PostAsync($"ear-{aws.Id}/reject"));
        Assert.Equal(new PrivateLinkSight.UnderWay(), Kms.PrivateLinks.Delete(order.Id));
        time.Advance(SimulatedLink.Moment);
        Assert.Equal(new PrivateLinkSight.Absent(), Kms.PrivateLinks.Delete(order.Id));
        Assert.Equal(new PrivateLinkSight.Absent(), Kms.PrivateLinks.Look(order.Id));
    }

    private async Task StartAsync() => kms = await LocalKms.StartAsync(new LocalKmsOptions { DataDirectory = folder }, time, Cancellation);

    private async Task<AzureProject> OpenAsync()
    {
        await StartAsync();
        return await AzureProject.OpenAsync(links: [new LocalPrivateLink(Kms.PrivateLinks, KeyProvider.Azure)]);
    }

    private async Task SeenAsync(AzureProject project, PrivateEndpointId id, string status)
    {
        time.Advance(SimulatedLink.Moment);
        await project.LookAsync(id);
        Assert.Equal(status, await project.StatusAsync(id));
    }

    private async Task<JsonNode> ConnectionsAsync() => JsonNode.Parse(await http.GetStringAsync($"{Kms.Address.Control}/private-links", Cancellation))!["privateLinks"]!;

    private async Task<JsonNode> ConnectionAsync(PrivateEndpointId id) => (await ConnectionsAsync()).AsArray().Single(l => l!["endpointId"]!.GetValue<string>() == id.Value)!;

    private async Task<int> PostAsync(string path, string? body = null)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri($"{Kms.Address.Control}/private-links/{path}"), content, Cancellation);
        return (int)answer.StatusCode;
    }
}
