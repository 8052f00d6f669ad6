using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.CustomerKeys;

/// <summary>What happens when somebody else saves between looking and saving.</summary>
public sealed class KeyConfigurationTests
{
    private static readonly RoleId Role = RoleId.FromValid(new string('f', 24));
    private static readonly EncryptionAtRestPatch Enable = new(new AwsKmsPatch(true, Role, "11111111-2222-3333-4444-555555555555", "US_EAST_1", null), null, null, null);
    private static readonly EncryptionAtRestPatch Disable = new(new AwsKmsPatch(false, null, null, null, null), null, null, null);
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore store = new();
    private readonly SteadyKey key = new();

    [Fact]
    public async Task A_save_in_between_is_looked_at_again_without_asking_the_KMS_again()
    {
        var project = await ProjectAsync();
        key.OnWrap = () => RenameAsync(project.Id, "renamed meanwhile");

        var outcome = await ApplyAsync(project.Id, Enable);

        Assert.True(outcome.IsOk(out var saved, out _));
        Assert.Equal("renamed meanwhile", saved.Name);
        Assert.NotNull(saved.EncryptionAtRest.Aws);
        Assert.Equal(1, key.Wraps);
    }

    [Fact]
    public async Task A_project_that_is_always_busy_is_a_conflict_in_the_end()
    {
        var project = await ProjectAsync();
        var busy = new BusyProjects(store);

        var outcome = await ApplyAsync(project.Id, Enable, busy);

        Assert.IsType<Problem.Conflict>(outcome.Problem);
        Assert.Null((await store.FindAsync(project.Id, default))!.Document.EncryptionAtRest.Aws);
    }

    [Fact]
    public async Task A_cluster_and_a_project_never_agree_to_disagree_about_a_provider()
    {
        var project = await ProjectAsync();
        await ApplyAsync(project.Id, Enable);
        var owner = Caller.Of(new ApiKey("owner", "", project.OrgId, System.Collections.Immutable.ImmutableDictionary<ProjectId, System.Collections.Immutable.ImmutableArray<string>>.Empty.Add(project.Id, ["GROUP_OWNER"]), []));
        var wishes = new ClusterWishes(new MeanwhileClusters(store, () => ApplyAsync(project.Id, Disable)), store, new NoReconciler(), new ClusterSpecPatch(new SystemIds(time), new ClusterDefaults("8.0")), Events);
        var body = System.Text.Json.Nodes.JsonNode.Parse(
            """{"name":"orders","encryptionAtRestProvider":"AWS","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","electableSpecs":{"instanceSize":"M10"}}]}]}""")!.AsObject();

        var outcome = await wishes.CreateAsync((await store.FindAsync(project.Id, default))!.Document, owner, ClusterId.FromValid(new string('1', 24)), body, default);

        Assert.Equal(new Problem.EncryptionAtRestNotEnabled(KeyProvider.Aws), outcome.Problem);
        Assert.Null((await store.FindAsync(project.Id, default))!.Document.EncryptionAtRest.Aws);
        Assert.True((await store.FindAsync(project.Id, ClusterName.Parse("orders", null), default))!.Document.DeletionRequested);
    }

    private EventFactory Events => new(new SystemIds(time), time);

    private Task<Outcome<Project>> ApplyAsync(ProjectId id, EncryptionAtRestPatch patch, IProjects? projects = null)
        => new KeyConfiguration(projects ?? store, new KeyUse(store, store), new KeyProof([key], new SystemIds(time), time), new KeyCredentials(store, new SystemIds(time), KeyAddresses.ProvidersOnly), new KeyNewsDesk(new NoValidation(store), Events)).ApplyAsync(id, patch, "owner", default);

    private async Task<Project> ProjectAsync()
    {
        var project = new Project(ProjectId.FromValid(new string('a', 24)), OrgId.FromValid(new string('b', 24)), "shop", time.GetUtcNow())
        {
            AwsRoles = [new AwsAccessRole(Role, "external", time.GetUtcNow(), time.GetUtcNow(), "arn:aws:iam::123456789012:role/r")],
        };
        await store.SaveAsync(project, 0, [], default);
        return project;
    }

    private async Task RenameAsync(ProjectId id, string name)
    {
        var stored = (await store.FindAsync(id, default))!;
        await store.SaveAsync(stored.Document with { Name = name }, stored.Version, [], default);
    }

    private sealed class SteadyKey : ICustomerKey
    {
        public KeyProvider Provider => KeyProvider.Aws;

        public int Wraps { get; private set; }

        public Func<Task>? OnWrap { get; set; }

        public Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
            => Task.FromResult(new KeyCheck(new KeyVerdict.Valid(), KeyFacts.None));

        public async Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
        {
            Wraps++;
            if (OnWrap is { } act)
                await act();
            return KeyAnswer<WrappedKey>.Of(new WrappedKey(KeyProvider.Aws, key.KeyIdentifier, "", context.Digest(), [1]));
        }

        public Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation) => throw new NotSupportedException();
    }

    private sealed class NoValidation(IProjects projects) : IOnDemandValidation
    {
        public async Task<Project?> CheckNowAsync(ProjectId project, CancellationToken cancellation) => (await projects.FindAsync(project, cancellation))?.Document;
    }

    private sealed class NoReconciler : IReconciler
    {
        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
    }

    private sealed class BusyProjects(IProjects inner) : IProjects
    {
        public Task<Stored<Project>?> FindAsync(ProjectId id, CancellationToken cancellation) => inner.FindAsync(id, cancellation);

        public Task<Page<Project>> PageAsync(string? continuation, int size, CancellationToken cancellation) => inner.PageAsync(continuation, size, cancellation);

        public Task<string?> NextPageAsync(string? continuation, int size, CancellationToken cancellation) => inner.NextPageAsync(continuation, size, cancellation);

        public Task<SaveResult> SaveAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation) => Task.FromResult(SaveResult.Conflict);
    }

    /// <summary>Something happens right before the first save of a cluster.</summary>
    private sealed class MeanwhileClusters(IClusters inner, Func<Task> meanwhile) : IClusters
    {
        private bool happened;

        public Task<Stored<Cluster>?> FindAsync(ProjectId project, ClusterName name, CancellationToken cancellation) => inner.FindAsync(project, name, cancellation);

        public Task<IReadOnlyList<Stored<Cluster>>> ListAsync(ProjectId project, CancellationToken cancellation) => inner.ListAsync(project, cancellation);

        public async Task<SaveResult> SaveAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        {
            if (!happened)
            {
                happened = true;
                await meanwhile();
            }
            return await inner.SaveAsync(cluster, expectedVersion, announce, cancellation);
        }

        public Task<SaveResult> DeleteAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
            => inner.DeleteAsync(cluster, expectedVersion, announce, cancellation);
    }
}
