using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Projects;

/// <summary>A project and its clusters are two documents: whatever is done to both at once, they agree in the end.</summary>
public sealed class ProjectClosingTests
{
    private static readonly ProjectId Id = ProjectId.FromValid(new string('a', 24));
    private static readonly OrgId Org = OrgId.FromValid(new string('b', 24));
    private static readonly Caller Owner = new("owner", Org, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(Id, ["GROUP_OWNER"]), []);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EventFactory Events => new(new SystemIds(_time), _time);

    [Fact]
    public async Task A_cluster_that_is_made_right_after_the_project_was_deleted_is_taken_back()
    {
        var project = await ProjectAsync();

        var made = await CreateAsync(project, new MeanwhileClusters(_store) { BeforeSave = () => CloseAsync(_store) });

        Assert.Equal(new Problem.ProjectNotFound(Id.Value), made.Problem);
        Assert.Null(await _store.FindAsync(Id, Cancellation));
        Assert.True((await _store.FindAsync(Id, ClusterName.Parse("orders", null), Cancellation))!.Document.DeletionRequested);
    }

    [Fact]
    public async Task A_cluster_that_is_made_while_the_project_is_looked_through_keeps_it()
    {
        var project = await ProjectAsync();

        var closed = await CloseAsync(new MeanwhileClusters(_store) { AfterList = () => CreateAsync(project, _store) });

        Assert.Equal(["orders"], Assert.IsType<Problem.ProjectHasClusters>(closed.Problem).ClusterNames);
        Assert.NotNull(await _store.FindAsync(Id, Cancellation));
    }

    [Fact]
    public async Task A_private_endpoint_keeps_its_project()
    {
        await ProjectAsync();
        var endpoint = new PrivateEndpoint(PrivateEndpointId.FromValid(new string('2', 24)), Id, KeyProvider.Azure, "US_EAST_2", "vault", _time.GetUtcNow(), _time.GetUtcNow());
        await _store.SaveAsync(endpoint, 0, [], Cancellation);

        var closed = await CloseAsync(_store);

        Assert.Equal([endpoint.Id.Value], Assert.IsType<Problem.ProjectHasPrivateEndpoints>(closed.Problem).EndpointIds);
        Assert.NotNull(await _store.FindAsync(Id, Cancellation));
    }

    [Fact]
    public async Task Nothing_of_a_deleted_project_comes_back_with_another_one_under_its_id()
    {
        await ProjectAsync();
        var config = AlertConfigId.FromValid(new string('3', 24));
        var webhook = new AlertNotification("n", Addressee.Webhook, 0) { Webhook = new("https://hooks.example.com/****", "alert-webhooks/one", IsSigned: true) };
        await _store.PutAsync("alert-webhooks/one", [1], Cancellation);
        await _store.SaveAsync(new AlertConfig(config, Id, "GCP_ENCRYPTION_KEY_INVALID", true, [webhook], _time.GetUtcNow(), _time.GetUtcNow()), 0, [], Cancellation);
        await _store.SaveAsync(OpenAlert(), 0, [], Cancellation);

        Assert.True((await CloseAsync(_store)).IsOk(out _, out _));
        await ProjectAsync();

        Assert.Empty(await ((IAlerts)_store).ListAsync(Id, null, Cancellation));
        Assert.Empty(await ((IAlertConfigs)_store).ListAsync(Id, Cancellation));
        Assert.Empty(_store.KeptSecrets);
        Assert.Equal("GROUP_DELETED", Assert.Single((await _store.ListAsync(Id, EventFilter.All, 0, 10, Cancellation)).Events).Event.Type);
    }

    /// <summary>A sweep that still had the project in its hands.</summary>
    [Fact]
    public async Task An_alert_that_opens_while_its_project_is_deleted_is_forgotten_by_the_next_round_of_mails()
    {
        await ProjectAsync();
        Assert.True((await CloseAsync(_store)).IsOk(out _, out _));
        await _store.SaveAsync(OpenAlert(), 0, [], Cancellation);
        var mail = new AlertMail(new AlertTellings(_store, _store, _store, new SystemIds(_time), _time), new NoMail(), NullLogger<AlertMail>.Instance);

        Assert.Equal(0, await new AlertRound(_store, mail, new SystemIds(_time), NullLogger<AlertRound>.Instance).RunAsync(Cancellation));

        Assert.Empty((await _store.OpenAsync(null, 10, Cancellation)).Items);
    }

    private Alert OpenAlert()
        => new(AlertId.FromValid(new string('4', 24)), Id, "GCP_ENCRYPTION_KEY_INVALID", "GCP", AlertStatus.Open, _time.GetUtcNow(), _time.GetUtcNow());

    [Fact]
    public async Task A_cluster_without_a_key_that_is_made_right_after_the_policy_began_is_taken_back()
    {
        var project = await ProjectAsync();

        var made = await CreateAsync(project, new MeanwhileClusters(_store) { BeforeSave = () => DemandKeysAsync(_store) });

        Assert.Equal(new Problem.ComplianceDemandsEncryption("orders"), made.Problem);
        Assert.True((await _store.FindAsync(Id, ClusterName.Parse("orders", null), Cancellation))!.Document.DeletionRequested);
    }

    [Fact]
    public async Task A_cluster_without_a_key_that_is_made_while_clusters_are_looked_through_keeps_the_policy_from_beginning()
    {
        var project = await ProjectAsync();

        var begun = await DemandKeysAsync(new MeanwhileClusters(_store) { AfterList = () => CreateAsync(project, _store) });

        Assert.IsType<Problem.ClustersWithoutCustomerKeys>(begun.Problem);
        Assert.Null((await _store.FindAsync(Id, Cancellation))!.Document.BackupCompliance);
    }

    [Fact]
    public async Task A_creation_that_is_told_twice_is_one_project()
    {
        var creation = new ProjectCreation(_store, _store, Events);
        var caller = Owner with { OrgRoles = ["ORG_OWNER"] };

        var first = await creation.CreateAsync(caller, new NewProject(Id, Org, "shop", [], []), Cancellation);
        await new ProjectUpdates(new ProjectChanges(_store), _store, Events).ApplyAsync(Id, new ProjectPatch("renamed", null), "owner", Cancellation);
        var again = await creation.CreateAsync(caller, new NewProject(Id, Org, "shop", [], []), Cancellation);

        Assert.Equal((Id, "renamed"), (again.Value.Id, again.Value.Name));
        Assert.Equal(first.Value.Created, again.Value.Created);
        Assert.Equal(2, (await _store.ListAsync(Id, EventFilter.All, 0, 10, Cancellation)).Total);
    }

    private async Task<Project> ProjectAsync()
    {
        var project = new Project(Id, Org, "shop", _time.GetUtcNow());
        await _store.SaveAsync(project, 0, [], Cancellation);
        return project;
    }

    private Task<Outcome<ProjectId>> CloseAsync(IClusters clusters) => new ProjectClosing(_store, clusters, _store, new ProjectRemains(_store, _store, _store, _store, new WebhookAddresses(_store, new SystemIds(_time))), Events).CloseAsync(Id, "owner", Cancellation);

    private Task<Outcome<Project>> DemandKeysAsync(IClusters clusters)
        => new BackupCompliancePolicies(new ProjectChanges(_store), clusters, Events).PutAsync(Id, new AuthorizedPerson("a@example.com", "A", "L"), encryptionAtRest: true, "owner", Cancellation);

    private Task<Outcome<Cluster>> CreateAsync(Project project, IClusters clusters)
    {
        var wishes = new ClusterWishes(clusters, _store, new NoReconciler(), new ClusterSpecPatch(new SystemIds(_time), new ClusterDefaults("8.0")), Events, new PrivateNetworking(_store, _store, new PrivateLinks([])));
        var body = JsonNode.Parse("""{"name":"orders","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","electableSpecs":{"instanceSize":"M10"}}]}]}""")!.AsObject();
        return wishes.CreateAsync(project, Owner, ClusterId.FromValid(new string('1', 24)), _ => body, Cancellation);
    }

    private sealed class NoMail : IMail
    {
        public Task<MailAnswer> SendAsync(Mail mail, CancellationToken cancellation) => throw new InvalidOperationException($"Nobody is to be told: {mail.Subject}");
    }

    private sealed class NoReconciler : IReconciler
    {
        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
    }
}
