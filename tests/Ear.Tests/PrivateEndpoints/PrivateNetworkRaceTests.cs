using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Tests.Fakes;

namespace Ear.Tests.PrivateEndpoints;

/// <summary>A project, its clusters and its endpoints are documents of their own: whatever is done to two of them at once, the rules of private networking hold in the end (R67, R70, R71).</summary>
public sealed class PrivateNetworkRaceTests
{
    private static readonly ProjectId Id = EndpointWorld.Project.Id;
    private static readonly EncryptionAtRestPatch GoPrivate = new(null, Azure(isPrivate: true), null, null);
    private static readonly EncryptionAtRestPatch GoPublic = new(null, Azure(isPrivate: false), null, null);
    private static readonly EncryptionAtRestPatch SwitchOff = new(null, Azure(isPrivate: null) with { Enabled = false }, null, null);
    private readonly EndpointWorld world = new();
    private readonly FakeCustomerKey key;

    public PrivateNetworkRaceTests()
    {
        key = new(KeyProvider.Azure, world.Time);
        key.Create(EndpointWorld.Settings.KeyIdentifier);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Cluster Orders => world.Store.FindAsync(Id, ClusterName.Parse("orders", null), Cancellation).GetAwaiter().GetResult()!.Document;

    private EventFactory Events => new(new SystemIds(world.Time), world.Time);

    [Fact]
    public async Task A_cluster_in_another_cloud_that_is_made_right_after_the_key_went_private_is_taken_back()
    {
        Done(await ApplyAsync(GoPublic));

        var made = await CreateAsync(new MeanwhileClusters(world.Store) { BeforeSave = async () => Done(await ApplyAsync(GoPrivate)) }, "GCP CENTRAL_US");

        Assert.Equal(["GCP CENTRAL_US"], Assert.IsType<Problem.OutOfPrivateReach>(made.Problem).What);
        Assert.True(Orders.DeletionRequested);
        Assert.True(await IsPrivateAsync());
    }

    [Fact]
    public async Task A_cluster_that_spreads_to_another_cloud_right_after_the_key_went_private_stays_where_it_was()
    {
        Done(await ApplyAsync(GoPublic));
        Done(await CreateAsync(world.Store, "AZURE US_EAST_2"));

        var changed = await ChangeAsync(new MeanwhileClusters(world.Store) { BeforeSave = async () => Done(await ApplyAsync(GoPrivate)) }, "AZURE US_EAST_2", "GCP CENTRAL_US");

        Assert.IsType<Problem.OutOfPrivateReach>(changed.Problem);
        Assert.DoesNotContain("GCP", Orders.Spec.Described.ToJsonString());
        Assert.Equal(3, Orders.Generation);
    }

    [Fact]
    public async Task A_cluster_in_another_cloud_that_is_made_while_clusters_are_looked_through_keeps_the_key_public()
    {
        Done(await ApplyAsync(GoPublic));

        var refused = await ApplyAsync(GoPrivate, new MeanwhileClusters(world.Store) { AfterList = async () => Done(await CreateAsync(world.Store, "GCP CENTRAL_US")) });

        Assert.Equal(["orders"], Assert.IsType<Problem.OutOfPrivateReach>(refused.Problem).What);
        Assert.False(await IsPrivateAsync());
        Assert.False(Orders.DeletionRequested);
    }

    [Fact]
    public async Task So_does_one_that_spreads_meanwhile()
    {
        Done(await ApplyAsync(GoPublic));
        Done(await CreateAsync(world.Store, "AZURE US_EAST_2"));

        var refused = await ApplyAsync(GoPrivate, new MeanwhileClusters(world.Store) { AfterList = async () => Done(await ChangeAsync(world.Store, "AZURE US_EAST_2", "GCP CENTRAL_US")) });

        Assert.IsType<Problem.OutOfPrivateReach>(refused.Problem);
        Assert.False(await IsPrivateAsync());
    }

    [Fact]
    public async Task A_creation_that_is_told_again_after_the_key_went_private_does_not_bring_it_back()
    {
        Done(await ApplyAsync(GoPublic));
        // We die after the cluster's save: nobody looks at the project again.
        world.Store.Fault = Die;
        await Assert.ThrowsAsync<IOException>(() => CreateAsync(world.Store, "GCP CENTRAL_US"));
        world.Store.Fault = null;
        await SetAzureAsync(EndpointWorld.Settings);

        var again = await CreateAsync(world.Store, "GCP CENTRAL_US");

        Assert.IsType<Problem.OutOfPrivateReach>(again.Problem);
        Assert.True(Orders.DeletionRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_is_made_while_endpoints_are_looked_through_keeps_the_provider_on_and_private(bool off)
    {
        var refused = await ApplyAsync(off ? SwitchOff : GoPublic, new MeanwhileClusters(world.Store) { AfterList = world.MakeAsync });

        Assert.Equal([EndpointWorld.Id(1).Value], Assert.IsType<Problem.PrivateEndpointsLeft>(refused.Problem).EndpointIds);
        Assert.True(await IsPrivateAsync());
        Assert.Equal(PrivateEndpointStatus.Initiating, Assert.Single(world.All).Status);
    }

    [Fact]
    public async Task Of_two_creations_in_one_region_at_once_one_is_told_of_the_other()
    {
        Outcome<PrivateEndpoint>? inner = null;
        var endpoints = new MeanwhileEndpoints(world.Store) { BeforeSave = async () => inner = await world.PostAsync(EndpointWorld.Id(2)) };

        var outer = await world.WishesOver(endpoints).CreateAsync(EndpointWorld.Project, EndpointWorld.Id(1), KeyProvider.Azure, EndpointWorld.Region, "owner", Cancellation);

        Assert.Equal(EndpointWorld.Id(2), inner!.Value.Value.Id);
        Assert.Equal(EndpointWorld.Id(2).Value, Assert.IsType<Problem.PrivateEndpointExists>(outer.Problem).EndpointId);
        Assert.Equal(EndpointWorld.Id(2), Assert.Single(world.All).Id);
        Assert.Single(world.Events);
    }

    [Fact]
    public async Task An_endpoint_whose_project_others_keep_changing_is_taken_back_and_its_owner_told()
    {
        var projects = new ContestedProjects(world.Store);

        var made = await world.WishesOver(world.Store, projects).CreateAsync(EndpointWorld.Project, EndpointWorld.Id(1), KeyProvider.Azure, EndpointWorld.Region, "owner", Cancellation);

        Assert.IsType<Problem.Conflict>(made.Problem);
        Assert.Equal((5, PrivateEndpointStatus.Deleting), (projects.Contest.Losses, Assert.Single(world.All).Status));
    }

    [Fact]
    public async Task Its_owner_is_told_also_when_others_keep_changing_the_endpoint()
    {
        var endpoints = new ContestedEndpoints(world.Store, _ => true);

        var made = await world.WishesOver(endpoints, new ContestedProjects(world.Store)).CreateAsync(EndpointWorld.Project, EndpointWorld.Id(1), KeyProvider.Azure, EndpointWorld.Region, "owner", Cancellation);

        Assert.IsType<Problem.Conflict>(made.Problem);
        Assert.Equal((5, PrivateEndpointStatus.Initiating), (endpoints.Contest.Losses, Assert.Single(world.All).Status));
    }

    [Fact]
    public async Task A_replacement_is_not_forgotten_while_others_keep_changing_the_one_that_has_to_know_of_it()
    {
        var old = await world.MakeActiveAsync();
        world.Cloud.Becomes(old.Id, new PrivateLinkSight.Rejected());
        await world.LookAsync(old.Id);
        world.Store.Fault = Die;
        await Assert.ThrowsAsync<IOException>(() => world.LookAsync(old.Id));
        world.Store.Fault = null;
        var replacement = world.All.Single(e => e.Id != old.Id);
        await world.DeleteAsync(replacement.Id);
        var endpoints = new ContestedEndpoints(world.Store, e => e.Id == old.Id);

        var look = await world.ProvisioningOver(endpoints).LookAsync(replacement.Ref, Cancellation);

        Assert.Equal((8, PrivateEndpointStates.Soon), (endpoints.Contest.Losses, look.LookAgain));
        Assert.Contains(world.All, e => e.Id == replacement.Id);
        await world.SettleAsync();
        Assert.Empty(world.All);
    }

    [Fact]
    public async Task An_endpoint_whose_maker_died_before_it_looked_at_the_project_again_leads_nowhere_once_the_provider_is_off()
    {
        world.Store.Fault = Die;
        await Assert.ThrowsAsync<IOException>(world.MakeAsync);
        world.Store.Fault = null;
        await SetAzureAsync(null);

        await world.SettleAsync();

        Assert.Empty(world.All);
        Assert.Equal(0, world.Cloud.Ensured);
        Assert.EndsWith(" ear", world.Events.Last());
    }

    [Fact]
    public async Task Nor_does_one_that_leads_to_a_vault_which_is_not_configured_any_more()
    {
        world.Store.Fault = Die;
        await Assert.ThrowsAsync<IOException>(world.MakeAsync);
        world.Store.Fault = null;
        await SetAzureAsync(EndpointWorld.Settings with { KeyVaultName = "other" });

        await world.SettleAsync();

        Assert.Empty(world.All);
        Assert.Equal(0, world.Cloud.Ensured);
    }

    [Fact]
    public async Task A_configuration_that_writes_the_vaults_names_in_other_letters_keeps_its_endpoints_and_uses_them()
    {
        var made = await world.MakeAsync();
        await world.LookAsync(made.Id);
        world.Cloud.Becomes(made.Id, new PrivateLinkSight.Up("ear", "10.1.0.4"));
        await world.LookAsync(made.Id);
        var stored = (await ((IProjects)world.Store).FindAsync(Id, Cancellation))!;
        var shouted = EndpointWorld.Settings with { ResourceGroupName = EndpointWorld.Settings.ResourceGroupName.ToUpperInvariant() };
        await ((IProjects)world.Store).SaveAsync(stored.Document with { EncryptionAtRest = stored.Document.EncryptionAtRest with { Azure = shouted } }, stored.Version, [], Cancellation);

        await world.LookAsync(made.Id);

        Assert.Equal(PrivateEndpointStatus.Active, world.All.Single().Status);
        Assert.Single(await new PrivateWays(world.Store).ToAsync(Id, KeyProvider.Azure, shouted.VaultResourceId, Cancellation));
    }

    [Fact]
    public async Task A_replacement_that_comes_after_the_last_endpoint_and_the_provider_went_goes_too()
    {
        var old = await world.MakeActiveAsync();
        world.Cloud.Becomes(old.Id, new PrivateLinkSight.Rejected());
        await world.LookAsync(old.Id);
        // An activity that was given up and started again is still at work: the second one is through before it.
        var endpoints = new MeanwhileEndpoints(world.Store)
        {
            BeforeSave = async () =>
            {
                await world.DeleteAsync(old.Id);
                await world.LookAsync(old.Id);
                Assert.Empty(world.All);
                Done(await ApplyAsync(SwitchOff));
            },
        };

        await world.ProvisioningOver(endpoints).LookAsync(new(Id, old.Id), Cancellation);
        await world.SettleAsync();

        Assert.Empty(world.All);
        Assert.Empty(world.Cloud.Links);
    }

    private static void Done<T>(Outcome<T> outcome) => Assert.Null(outcome.Problem);

    private static AzureKeyVaultPatch Azure(bool? isPrivate) => new(null, null, null, null, null, null, null, null, null, isPrivate, null);

    /// <summary>After the first save, whose document is there to stay.</summary>
    private static void Die(SavePoint at)
    {
        if (at is SavePoint.AfterCommit)
            throw new IOException("died");
    }

    private Task<Outcome<Project>> ApplyAsync(EncryptionAtRestPatch patch, IClusters? clusters = null)
    {
        var seen = clusters ?? world.Store;
        var networking = new PrivateNetworking(world.Store, seen, new PrivateLinks([world.Cloud]));
        return new KeyConfiguration(
            world.Store, new KeyUse(world.Store, world.Store), new KeyProof([key], new SystemIds(world.Time), world.Time), new KeyCredentials(world.Store, new SystemIds(world.Time), KeyAddresses.ProvidersOnly),
            new KeyNewsDesk(new NoValidation(world.Store), Events), networking).ApplyAsync(Id, patch, "owner", Expected.Any, Cancellation);
    }

    private async Task SetAzureAsync(AzureKeyVaultSettings? settings)
    {
        var (project, version) = (await world.Store.FindAsync(Id, Cancellation))!;
        Assert.True((await world.Store.SaveAsync(project with { EncryptionAtRest = EncryptionAtRest.Off with { Azure = settings } }, version, [], Cancellation)).Saved);
    }

    private async Task<bool> IsPrivateAsync() => (await world.Store.FindAsync(Id, Cancellation))!.Document.EncryptionAtRest.Azure is { RequirePrivateNetworking: true };

    /// <summary>As the doors do it: decided on the project that was read when the request came.</summary>
    private async Task<Outcome<Cluster>> CreateAsync(IClusters clusters, params string[] places)
    {
        var project = (await world.Store.FindAsync(Id, Cancellation))!.Document;
        var body = Replication(places);
        body["name"] = "orders";
        body["encryptionAtRestProvider"] = "AZURE";
        return await Wishes(clusters).CreateAsync(project, Owner, ClusterId.FromValid(new string('3', 24)), _ => body, Cancellation);
    }

    private async Task<Outcome<Cluster>> ChangeAsync(IClusters clusters, params string[] places)
    {
        var project = (await world.Store.FindAsync(Id, Cancellation))!.Document;
        return await Wishes(clusters).ChangeAsync(project, Owner, "orders", _ => Replication(places), Expected.Any, Cancellation);
    }

    private ClusterWishes Wishes(IClusters clusters)
        => new(clusters, world.Store, new NobodyWakes(), new ClusterSpecPatch(new SystemIds(world.Time), new ClusterDefaults("8.0")), Events, new PrivateNetworking(world.Store, world.Store, new PrivateLinks([world.Cloud])));

    private static Caller Owner => new("owner", EndpointWorld.Project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(Id, ["GROUP_OWNER"]), []);

    private static JsonObject Replication(string[] places) => new()
    {
        ["replicationSpecs"] = new JsonArray(new JsonObject
        {
            ["regionConfigs"] = new JsonArray([.. places.Select((p, i) => new JsonObject
            {
                ["providerName"] = p.Split(' ')[0],
                ["regionName"] = p.Split(' ')[1],
                ["priority"] = 7 - i,
                ["electableSpecs"] = new JsonObject { ["instanceSize"] = "M10", ["nodeCount"] = i is 0 ? 3 : 2 },
            })]),
        }),
    };

    private sealed class NobodyWakes : IReconciler
    {
        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
    }

    private sealed class NoValidation(IProjects projects) : IOnDemandValidation
    {
        public async Task<Project?> CheckNowAsync(ProjectId project, CancellationToken cancellation) => (await projects.FindAsync(project, cancellation))?.Document;
    }
}
