using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Clusters;

public sealed class ClusterWishesTests
{
    private static readonly JsonObject Orders = JsonNode.Parse(
        """{"name":"orders","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","electableSpecs":{"instanceSize":"M10"}}]}]}""")!.AsObject();

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore _store = new();

    [Fact]
    public async Task The_same_creation_told_twice_is_one_cluster_and_another_of_its_name_is_refused()
    {
        var id = ClusterId.FromValid(new string('1', 24));

        var first = await CreateAsync(id);
        var again = await CreateAsync(id);
        var other = await CreateAsync(ClusterId.FromValid(new string('2', 24)));

        Assert.Equal((id, id), (first.Value.Id, again.Value.Id));
        Assert.Single(_store.AllEvents);
        Assert.IsType<Problem.DuplicateClusterName>(other.Problem);
    }

    [Fact]
    public async Task A_repeat_takes_back_a_creation_that_cannot_stay_and_never_a_cluster_that_was_up()
    {
        var id = ClusterId.FromValid(new string('1', 24));
        var made = (await CreateAsync(id)).Value;
        var (project, version) = (await _store.FindAsync(made.ProjectId, TestContext.Current.CancellationToken))!;
        await _store.DeleteAsync(project, version, [], TestContext.Current.CancellationToken);

        await SaveAsync(made with { AchievedGeneration = 1, State = ClusterState.Idle });
        Assert.Equal(id, (await AgainAsync()).Value.Id);
        Assert.False((await StoredAsync()).Document.DeletionRequested);

        await SaveAsync(made);
        Assert.IsType<Problem.ProjectNotFound>((await AgainAsync()).Problem);
        Assert.True((await StoredAsync()).Document.DeletionRequested);

        async Task SaveAsync(Cluster cluster) => Assert.True((await _store.SaveAsync(cluster, (await StoredAsync()).Version, [], TestContext.Current.CancellationToken)).Saved);
        async Task<Stored<Cluster>> StoredAsync() => (await _store.FindAsync(made.ProjectId, made.Name, TestContext.Current.CancellationToken))!;
        Task<Outcome<Cluster>> AgainAsync() => CreateAsync(id, saveProject: false);
    }

    private async Task<Outcome<Cluster>> CreateAsync(ClusterId id, bool saveProject = true)
    {
        var ids = new SystemIds(_time);
        var project = new Project(ProjectId.FromValid(new string('a', 24)), OrgId.FromValid(new string('b', 24)), "shop", _time.GetUtcNow());
        if (saveProject)
            await _store.SaveAsync(project, 0, [], TestContext.Current.CancellationToken);
        var owner = Caller.Of(new ApiKey("owner", "", project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(project.Id, ["GROUP_OWNER"]), []));
        var wishes = new ClusterWishes(_store, _store, new NobodyWakes(), new ClusterSpecPatch(ids, new ClusterDefaults("8.0")), new EventFactory(ids, _time), new PrivateNetworking(_store, _store, new PrivateLinks([])));
        return await wishes.CreateAsync(project, owner, id, _ => Orders, TestContext.Current.CancellationToken);
    }

    private sealed class NobodyWakes : IReconciler
    {
        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
    }
}
