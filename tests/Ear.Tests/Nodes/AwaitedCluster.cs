using System.Security.Cryptography;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Outcomes;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Nodes;

/// <summary>A cluster of three whose machines are the operator's, in memory; nobody has taken a node yet.</summary>
internal sealed class AwaitedCluster : IMachines, IReportListener
{
    private readonly ClusterReconciliation _reconciliation;
    private readonly ClusterMoves _moves;
    private readonly NodeEnrolment _enrolment;

    public AwaitedCluster()
    {
        var ids = new SystemIds(Time);
        var goals = new NodeGoals(Store, new GoalBell());
        var look = new ClusterLook(Store, Store, Store, Time);
        _reconciliation = new(look, new NodeNotes(goals, ids), Store);
        _moves = new(look, goals, new NodeProvisioning(Store, Store, this, Store, ids));
        _enrolment = new(Store, new SealingKey(Store), this, Time);
        Awaited = new(Store, new EventFactory(ids, Time), ids);
    }

    public static ProjectId Project { get; } = ProjectId.FromValid("333333333333333333333333");

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public InMemoryStore Store { get; } = new();

    public AwaitedNodes Awaited { get; }

    public bool AreAwaited { get; set; } = true;

    public List<NodeId> Released { get; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ClusterName Name { get; } = ClusterName.Parse("orders", null);

    /// <param name="fault">Deaths on the way, after each of which it is begun again.</param>
    public static async Task<AwaitedCluster> MakeAsync(Action<SavePoint>? fault = null, bool areAwaited = true)
    {
        var made = new AwaitedCluster { AreAwaited = areAwaited };
        await made.Store.SaveAsync(new Project(Project, OrgId.FromValid("444444444444444444444444"), "shop", made.Time.GetUtcNow()), 0, [], Cancellation);
        await made.Store.SaveAsync(
            new Cluster(ClusterId.FromValid("222222222222222222222222"), Project, Name, made.Time.GetUtcNow(), new ClusterSpec(null, "M10", 3)), 0, [], Cancellation);
        made.Store.Fault = fault;
        for (var tries = 0; ; tries++)
        {
            try
            {
                await made.ReconcileAsync();
                made.Store.Fault = null;
                return made;
            }
            catch (IOException) when (tries < 20)
            {
                // As an engine does: what failed is done again.
            }
        }
    }

    /// <summary>What the orchestration does until there is nothing to do but to wait.</summary>
    public async Task<Move> ReconcileAsync()
    {
        var (cluster, _) = (await Store.FindAsync(Project, Name, Cancellation))!;
        for (var moves = 0; moves < 20; moves++)
        {
            var move = await _reconciliation.PlanAsync(cluster.Ref, Cancellation);
            if (move is Move.Wait or Move.Done)
                return move;
            await _moves.CarryOutAsync(cluster.Ref, move, Cancellation);
        }
        throw new InvalidOperationException("It does not come to rest.");
    }

    public async Task DeleteAsync()
    {
        var (cluster, version) = (await Store.FindAsync(Project, Name, Cancellation))!;
        Assert.True((await Store.SaveAsync(cluster with { DeletionRequested = true }, version, [], Cancellation)).Saved);
        await ReconcileAsync();
    }

    /// <returns>Where it comes to rest.</returns>
    public async Task<Move> WishAsync(int members)
    {
        var (cluster, version) = (await Store.FindAsync(Project, Name, Cancellation))!;
        Assert.True((await Store.SaveAsync(cluster with { Spec = new ClusterSpec(null, "M10", members), Generation = cluster.Generation + 1 }, version, [], Cancellation)).Saved);
        return await ReconcileAsync();
    }

    public async Task<IReadOnlyList<Node>> TasksAsync(MachineTask task) => (await Store.ListAsync(task, null, 100, Cancellation)).Items;

    public async Task<NodeId> NodeAsync(int index) => (await TasksAsync(MachineTask.Provide)).Single(n => n.Index == index).Id;

    public Task<Outcome<HandedOut>> HandOutAsync(NodeId node, string machine) => Awaited.HandOutAsync(Project, node, machine, Cancellation);

    public Task<Outcome<Node>> ForgetAsync(NodeId node) => Awaited.ForgetMachineAsync(Project, node, Cancellation);

    public async Task<AgentFault?> EnrolAsync(NodeId node, string token)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (await _enrolment.EnrolAsync(new(Project.Value, node.Value, token, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), "host:27017"), Cancellation)).Fault;
    }

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<ProjectEvent>> EventsAsync()
        => [.. (await Store.ListAsync(Project, EventFilter.All, 0, 100, Cancellation)).Events.Select(e => e.Event).Where(e => e.Type.StartsWith("NODE_", StringComparison.Ordinal)).Reverse()];

    Task IMachines.ProvideAsync(MachineRequest request, CancellationToken cancellation)
    {
        Assert.Equal(AreAwaited, request.EnrolmentToken is null);
        return Task.CompletedTask;
    }

    Task IMachines.ReleaseAsync(ProjectId project, NodeId node, CancellationToken cancellation)
    {
        Released.Add(node);
        return Task.CompletedTask;
    }

    Task IReportListener.ReportedAsync(ClusterRef cluster, CancellationToken cancellation) => Task.CompletedTask;
}
