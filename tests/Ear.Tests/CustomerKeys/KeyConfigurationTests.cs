using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
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
    private readonly SteadyKey key = new(KeyProvider.Aws);
    private readonly SteadyKey google = new(KeyProvider.Gcp);

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
    public async Task A_save_whose_answer_is_lost_never_loses_the_credential_that_it_names()
    {
        var project = await ProjectAsync();

        await Assert.ThrowsAsync<IOException>(() => ApplyAsync(project.Id, EnableGoogle(), new AnswerLost(store, throws: true)));

        Assert.NotNull(await CredentialInForceAsync(project.Id));
    }

    [Fact]
    public async Task Nor_does_a_save_that_is_done_and_said_to_have_met_another()
    {
        var project = await ProjectAsync();

        Assert.True((await ApplyAsync(project.Id, EnableGoogle(), new AnswerLost(store, throws: false))).IsOk(out _, out _));

        Assert.NotNull(await CredentialInForceAsync(project.Id));
    }

    [Fact]
    public async Task A_cluster_and_a_project_never_agree_to_disagree_about_a_provider()
    {
        var project = await ProjectAsync();
        await ApplyAsync(project.Id, Enable);
        var owner = Caller.Of(new ApiKey("owner", "", project.OrgId, System.Collections.Immutable.ImmutableDictionary<ProjectId, System.Collections.Immutable.ImmutableArray<string>>.Empty.Add(project.Id, ["GROUP_OWNER"]), []));
        var wishes = new ClusterWishes(new MeanwhileClusters(store) { BeforeSave = () => ApplyAsync(project.Id, Disable) }, store, new NoReconciler(), new ClusterSpecPatch(new SystemIds(time), new ClusterDefaults("8.0")), Events, new PrivateNetworking(store, store, new PrivateLinks([])));
        var body = System.Text.Json.Nodes.JsonNode.Parse(
            """{"name":"orders","encryptionAtRestProvider":"AWS","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","electableSpecs":{"instanceSize":"M10"}}]}]}""")!.AsObject();

        var outcome = await wishes.CreateAsync((await store.FindAsync(project.Id, default))!.Document, owner, ClusterId.FromValid(new string('1', 24)), _ => body, default);

        Assert.Equal(new Problem.EncryptionAtRestNotEnabled(KeyProvider.Aws), outcome.Problem);
        Assert.Null((await store.FindAsync(project.Id, default))!.Document.EncryptionAtRest.Aws);
        Assert.True((await store.FindAsync(project.Id, ClusterName.Parse("orders", null), default))!.Document.DeletionRequested);
    }

    private EventFactory Events => new(new SystemIds(time), time);

    private Task<Outcome<Project>> ApplyAsync(ProjectId id, EncryptionAtRestPatch patch, IProjects? projects = null)
        => new KeyConfiguration(projects ?? store, new KeyUse(store, store), new KeyProof([key, google], new SystemIds(time), time), new KeyCredentials(store, new SystemIds(time), KeyAddresses.ProvidersOnly), new KeyNewsDesk(new NoValidation(store), Events), new PrivateNetworking(store, store, new PrivateLinks([]))).ApplyAsync(id, patch, "owner", Expected.Any, default);

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

    private static EncryptionAtRestPatch EnableGoogle()
    {
        const string document = """{"type":"service_account","client_email":"a@b","private_key":"none","token_uri":"https://oauth2.googleapis.com/token"}""";
        return new(null, null, new GoogleCloudKmsPatch(true, "projects/shop/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1", null, new SecretText(document)), null);
    }

    private async Task<byte[]?> CredentialInForceAsync(ProjectId id)
        => await ((Ear.Secrets.ISecrets)store).FindAsync((await store.FindAsync(id, default))!.Document.EncryptionAtRest.Gcp!.SecretName!, default);

    private sealed class SteadyKey(KeyProvider provider) : ICustomerKey
    {
        public KeyProvider Provider => provider;

        public int Wraps { get; private set; }

        public Func<Task>? OnWrap { get; set; }

        public Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
            => Task.FromResult(new KeyCheck(new KeyVerdict.Valid(), KeyFacts.None));

        public async Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
        {
            Wraps++;
            if (OnWrap is { } act)
                await act();
            return KeyAnswer<WrappedKey>.Of(new WrappedKey(provider, key.KeyIdentifier, "", context.Digest(), [1]));
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

    /// <summary>The first save is done, and its answer does not arrive, or is taken for another's.</summary>
    private sealed class AnswerLost(IProjects inner, bool throws) : IProjects
    {
        private bool lost;

        public Task<Stored<Project>?> FindAsync(ProjectId id, CancellationToken cancellation) => inner.FindAsync(id, cancellation);

        public Task<Stored<Project>?> FindAsync(OrgId organisation, string name, CancellationToken cancellation) => inner.FindAsync(organisation, name, cancellation);

        public Task<SaveResult> DeleteAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
            => inner.DeleteAsync(project, expectedVersion, announce, cancellation);

        public Task<Page<Project>> PageAsync(string? continuation, int size, CancellationToken cancellation) => inner.PageAsync(continuation, size, cancellation);

        public Task<string?> NextPageAsync(string? continuation, int size, CancellationToken cancellation) => inner.NextPageAsync(continuation, size, cancellation);

        public async Task<SaveResult> SaveAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        {
            var saved = await inner.SaveAsync(project, expectedVersion, announce, cancellation);
            if (lost)
                return saved;
            lost = true;
            return throws ? throw new IOException("the connection broke") : SaveResult.Conflict;
        }
    }

    private sealed class BusyProjects(IProjects inner) : IProjects
    {
        public Task<Stored<Project>?> FindAsync(ProjectId id, CancellationToken cancellation) => inner.FindAsync(id, cancellation);

        public Task<Stored<Project>?> FindAsync(OrgId organisation, string name, CancellationToken cancellation) => inner.FindAsync(organisation, name, cancellation);

        public Task<SaveResult> DeleteAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
            => inner.DeleteAsync(project, expectedVersion, announce, cancellation);

        public Task<Page<Project>> PageAsync(string? continuation, int size, CancellationToken cancellation) => inner.PageAsync(continuation, size, cancellation);

        public Task<string?> NextPageAsync(string? continuation, int size, CancellationToken cancellation) => inner.NextPageAsync(continuation, size, cancellation);

        public Task<SaveResult> SaveAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation) => Task.FromResult(SaveResult.Conflict);
    }
}
