using System.Text.Json;
using Azure.Core;
using Ear.CustomerKeys;
using Ear.Functions.PrivateEndpoints;
using Ear.Functions.Tests.Http.World;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.AzurePrivateLink;
using Ear.Providers.Tests.AzurePrivateLink;
using Ear.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.PrivateEndpoints;

/// <summary>The doors with the real durable engine, by a clock of the test's own: Terraform's sequence (spec atlas-ear §3.3), and what a customer may do beside it.</summary>
public sealed class ProvisionPrivateEndpointTests
{
    private static readonly PrivateLinkSight Pending = new PrivateLinkSight.AwaitingApproval("ear-orders");
    private static readonly PrivateLinkSight Up = new PrivateLinkSight.Up("ear-orders");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Terraform_creates_waits_reads_and_destroys()
    {
        await using var project = await AzureProject.OpenAsync(engine: true);
        var id = await project.MakeAsync();
        await RestsAsync(project, id, "is being made");
        Assert.Equal("INITIATING", await project.StatusAsync(id));

        project.Doors.Link(KeyProvider.Azure).Becomes(id, Pending);
        await LaterAsync(project, id, TimeSpan.FromSeconds(30), "PENDING_ACCEPTANCE");
        Assert.Equal("ear-orders", (await project.GetAsync(id)).Text("privateEndpointConnectionName"));
        await RestsAsync(project, id, "waits for its approval");

        project.Doors.Link(KeyProvider.Azure).Becomes(id, Up);
        await LaterAsync(project, id, TimeSpan.FromMinutes(3), "ACTIVE");
        Assert.Equal(1, (await project.Owner.GetAsync(project.Endpoints, Doors.Json)).Body!["totalCount"]!.GetValue<int>());

        Assert.Equal(204, (await project.DeleteAsync(id)).Status);
        Assert.Contains(await project.StatusAsync(id), new[] { "DELETING", "404" });
        await UntilAsync(project, id, "404");
        await EndsAsync(project, id);
        Assert.Equal(200, (await project.PatchAsync("""{"awsKms":{"enabled":false},"azureKeyVault":{"enabled":false},"googleCloudKms":{"enabled":false}}""")).Status);
    }

    [Fact]
    public async Task A_customer_who_takes_the_approval_back_finds_another_connection_to_approve()
    {
        await using var project = await AzureProject.OpenAsync(engine: true);
        var id = await project.MakeAsync();
        await RestsAsync(project, id, "is being made");
        project.Doors.Link(KeyProvider.Azure).Becomes(id, Up);
        await LaterAsync(project, id, TimeSpan.FromSeconds(30), "ACTIVE");
        await RestsAsync(project, id, "is up");

        project.Doors.Link(KeyProvider.Azure).Becomes(id, new PrivateLinkSight.Rejected());
        await LaterAsync(project, id, TimeSpan.FromMinutes(3), "PENDING_RECREATION");
        await RestsAsync(project, id, "takes its place");

        var next = (await All(project)).Single(e => e.Id != id);
        Assert.Equal(PrivateEndpointStatus.Initiating, next.Status);
        await RestsAsync(project, next.Id, "is being made");
        project.Doors.Link(KeyProvider.Azure).Becomes(next.Id, Up);
        await LaterAsync(project, next.Id, TimeSpan.FromSeconds(30), "ACTIVE");
        await LaterAsync(project, id, TimeSpan.FromMinutes(3), "404");
        await EndsAsync(project, id);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_come_up_fails_and_waits_for_its_deletion_without_anybody_looking()
    {
        await using var project = await AzureProject.OpenAsync(engine: true, settings: new Dictionary<string, string?>
        {
            [$"{PrivateEndpointOptions.Section}:{nameof(PrivateEndpointOptions.ProvisionWithin)}"] = "00:05:00",
        });
        var id = await project.MakeAsync();
        await RestsAsync(project, id, "is being made");

        await LaterAsync(project, id, TimeSpan.FromMinutes(5), "FAILED");
        Assert.Equal("It did not come up within 5 minutes; at the last look the cloud is still at work.", (await project.GetAsync(id)).Text("errorMessage"));
        await EndsAsync(project, id);
        await SweepAsync(project);
        await EndsAsync(project, id);

        Assert.Equal(204, (await project.DeleteAsync(id)).Status);
        await UntilAsync(project, id, "404");
    }

    [Fact]
    public async Task A_cloud_that_does_not_answer_is_asked_ever_less_often_and_as_before_once_it_does()
    {
        await using var project = await AzureProject.OpenAsync(engine: true);
        var id = await project.MakeAsync();
        await RestsAsync(project, id, "is being made");
        project.Doors.Link(KeyProvider.Azure).Becomes(id, Up);
        await LaterAsync(project, id, TimeSpan.FromSeconds(30), "ACTIVE");
        await RestsAsync(project, id, "is up");

        project.Doors.Link(KeyProvider.Azure).IsReachable = false;
        foreach (var (fruitless, most) in new[] { (1, 10), (2, 20), (3, 40), (4, 80), (5, 120), (6, 120) })
        {
            project.Doors.Time.Advance(PrivateEndpointStates.Refresh);
            await RestsAsync(project, id, $"\"Fruitless\":{fruitless}");
            Assert.InRange((await LookAsync(project, id)).LookAgain!.Value.TotalSeconds, most / 2, most);
        }
        project.Doors.Link(KeyProvider.Azure).IsReachable = true;
        project.Doors.Time.Advance(PrivateEndpointStates.Refresh);
        await RestsAsync(project, id, "is up");

        Assert.Equal((0, PrivateEndpointStates.Refresh), ((await LookAsync(project, id)).Fruitless, (await LookAsync(project, id)).LookAgain));
    }

    [Fact]
    public void What_an_older_Ear_began_goes_on()
    {
        var endpoint = new PrivateEndpointRef(ProjectId.FromValid(new string('1', 24)), PrivateEndpointId.FromValid(new string('a', 24)));

        Assert.Equal(EndpointWatch.Of(endpoint), JsonSerializer.Deserialize<EndpointWatch>(JsonSerializer.Serialize(endpoint, EarJson.Options), EarJson.Options));
    }

    [Fact]
    public async Task An_endpoint_whose_wake_up_was_lost_is_found_by_the_minutes_sweep()
    {
        await using var project = await AzureProject.OpenAsync(engine: true);
        var vault = PrivateEndpointTarget.Of((await project.Doors.ProjectAsync()).EncryptionAtRest.Azure!, "US_EAST_2")!;
        var endpoint = new PrivateEndpoint(
            PrivateEndpointId.FromValid(new string('a', 24)), project.Doors.First.ProjectId, KeyProvider.Azure, "US_EAST_2", vault, project.Doors.Time.GetUtcNow(), project.Doors.Time.GetUtcNow().AddHours(1));
        await project.Doors.Store.SaveAsync(endpoint, 0, [], Cancellation);

        await SweepAsync(project);
        await RestsAsync(project, endpoint.Id, "is being made");
        await SweepAsync(project);

        Assert.Equal(OrchestrationRuntimeStatus.Running, (await InstanceAsync(project, endpoint.Id))!.RuntimeStatus);
    }

    [Fact]
    public async Task In_Azure_it_is_made_approved_used_taken_away_made_again_and_deleted()
    {
        await using var arm = await ArmStandIn.StartAsync(TimeProvider.System);
        await using var azure = Azure(arm);
        await using var project = await AzureProject.OpenAsync(engine: true, links: [azure.GetRequiredService<IPrivateLink>()]);
        var elsewhere = await project.PostAsync("EUROPE_NORTH");
        elsewhere.Refused(400, "INVALID_REGION");
        Assert.Equal("This Ear makes no private endpoints in the AZURE region EUROPE_NORTH; it does in US_EAST_2.", elsewhere.Text("detail"));

        var id = await project.MakeAsync();
        await RestsAsync(project, id, "is being made");
        await ApprovedAsync(project, arm, id);
        var ways = new PrivateWays(project.Doors.Store);
        var target = arm.Of(id).Target;
        Assert.Equal(ArmStandIn.Address, (await ways.ToAsync(project.Doors.First.ProjectId, KeyProvider.Azure, target, Cancellation)).Single().Address.ToString());
        await RestsAsync(project, id, "is up");

        arm.Decide(id, "Disconnected");
        await LaterAsync(project, id, TimeSpan.FromMinutes(3), "PENDING_RECREATION");
        Assert.Empty(await ways.ToAsync(project.Doors.First.ProjectId, KeyProvider.Azure, target, Cancellation));
        await RestsAsync(project, id, "takes its place");
        var next = (await All(project)).Single(e => e.Id != id).Id;
        await RestsAsync(project, next, "is being made");
        await ApprovedAsync(project, arm, next);
        await GoneAsync(project, arm, id);

        Assert.Equal(204, (await project.DeleteAsync(next)).Status);
        await GoneAsync(project, arm, next);
        Assert.Empty(arm.Endpoints);
        Assert.Empty(arm.Deployments);
    }

    private static ServiceProvider Azure(ArmStandIn arm)
        => new ServiceCollection().AddSingleton(TimeProvider.System).AddSingleton<TokenCredential>(new AnyToken()).AddLogging()
            .AddAzurePrivateLink(new ConfigurationBuilder().AddInMemoryCollection(arm.Settings("US_EAST_2")).Build()).BuildServiceProvider();

    private static async Task ApprovedAsync(AzureProject project, ArmStandIn arm, PrivateEndpointId id)
    {
        arm.Work();
        arm.Work();
        await LaterAsync(project, id, TimeSpan.FromSeconds(30), "PENDING_ACCEPTANCE");
        Assert.Equal($"ear-{id}", (await project.GetAsync(id)).Text("privateEndpointConnectionName"));
        await RestsAsync(project, id, "waits for its approval");
        arm.Decide(id, "Approved");
        await LaterAsync(project, id, TimeSpan.FromMinutes(3), "ACTIVE");
    }

    /// <summary>Azure works, the clock goes on, until nothing is left of it.</summary>
    private static Task GoneAsync(AzureProject project, ArmStandIn arm, PrivateEndpointId id) => UntilAsync(
        async () =>
        {
            arm.Work();
            project.Doors.Time.Advance(PrivateEndpointStates.Soon);
            return await project.StatusAsync(id);
        },
        s => s == "404");

    private static async Task LaterAsync(AzureProject project, PrivateEndpointId id, TimeSpan later, string status)
    {
        project.Doors.Time.Advance(later);
        await UntilAsync(project, id, status);
    }

    private static Task UntilAsync(AzureProject project, PrivateEndpointId id, string status) => UntilAsync(async () => await project.StatusAsync(id), s => s == status);

    /// <summary>Its orchestration has said so and set its timer: both are one write.</summary>
    private static Task RestsAsync(AzureProject project, PrivateEndpointId id, string why) => UntilAsync(
        async () => (await InstanceAsync(project, id))?.SerializedCustomStatus ?? "", s => s.Contains(why, StringComparison.Ordinal));

    /// <summary>What its orchestration saw last.</summary>
    private static async Task<EndpointLook> LookAsync(AzureProject project, PrivateEndpointId id)
        => JsonSerializer.Deserialize<EndpointLook>((await InstanceAsync(project, id))!.SerializedCustomStatus!, EarJson.Options)!;

    private static Task EndsAsync(AzureProject project, PrivateEndpointId id) => UntilAsync(
        async () => (await InstanceAsync(project, id))?.RuntimeStatus.ToString() ?? "", s => s == nameof(OrchestrationRuntimeStatus.Completed));

    private static Task<OrchestrationMetadata?> InstanceAsync(AzureProject project, PrivateEndpointId id)
        => project.Doors.Services.GetRequiredService<DurableTaskClient>().GetInstanceAsync(ProvisionPrivateEndpoint.InstanceOf(new(project.Doors.First.ProjectId, id)), true, Cancellation);

    private static Task SweepAsync(AzureProject project)
    {
        var client = project.Doors.Services.GetRequiredService<DurableTaskClient>();
        return ActivatorUtilities.CreateInstance<WakeUnfinishedPrivateEndpoints>(
            project.Doors.Services, (IUnfinishedPrivateEndpoints)project.Doors.Store, new DurableEndpointWaker(new EnginesHub(client), new EarMeters())).Run(new TimerInfo(), client, Cancellation);
    }

    private static async Task<IEnumerable<PrivateEndpoint>> All(AzureProject project)
        => (await ((IPrivateEndpoints)project.Doors.Store).ListAsync(project.Doors.First.ProjectId, Cancellation)).Select(e => e.Document);

    private static async Task UntilAsync(Func<Task<string>> look, Func<string, bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        string seen;
        while (!holds(seen = await look()))
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"It did not come to it: {seen}");
            await Task.Delay(20, Cancellation);
        }
    }
}
