using System.Security.Cryptography;
using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Nodes;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Tests.Scenarios;

/// <summary>
/// The whole domain in memory on a fake clock: the services that the orchestrations call, nodes that follow their goals, a provider
/// that answers as told, mail and topic. It advances in steps of five seconds, and checks the invariants after each.
/// </summary>
internal sealed partial class World : IMachines, IReconciler, IReportListener, IMail
{
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly Dictionary<ClusterId, DateTimeOffset> _lookAt = [];
    private readonly Dictionary<ClusterId, ClusterRef> _clusters = [];
    private readonly List<(DateTimeOffset At, SweepFindings Found)> _confirmations = [];
    private readonly Dictionary<NodeId, ECDiffieHellman> _agentKeys = [];
    private readonly ClusterReconciliation _reconciliation;
    private readonly ClusterMoves _moves;
    private readonly KeySweep _sweep;
    private readonly KeyShutDown _shutDown;
    private readonly NodeEnrolment _enrolment;
    private readonly NodeReports _reports;
    private readonly NodeKeys _keys;
    private readonly SealingKey _sealing;
    private readonly ShutDownMail _mail;

    public World()
    {
        var ids = new CountingIds();
        Key = new(KeyProvider.Aws, Time);
        var goals = new NodeGoals(Store, new GoalBell());
        var look = new ClusterLook(Store, Store, Store, Time);
        _reconciliation = new(look, new NodeNotes(goals, ids), Store);
        _moves = new(look, goals, new NodeProvisioning(Store, Store, this, Store, ids));
        var consequences = new KeyConsequences(new KeyAlerts(Store, Store, Time), Store, this, Time);
        var checks = new KeyChecks(Store, [Key], consequences, Time, NullLogger<KeyChecks>.Instance);
        OnDemand = new OnDemandValidation(Store, checks, Time);
        _sweep = new(Store, checks, Time, NullLogger<KeySweep>.Instance);
        _shutDown = new(Store, new KeyUse(Store, Store), consequences, Time);
        _sealing = new(Store);
        _enrolment = new(Store, _sealing, this, Time);
        _reports = new(Store, this, Time);
        _keys = new(Store, Store, Store, [Key], _sealing);
        _mail = new(Store, Store, this, Time, NullLogger<ShutDownMail>.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 24, 6, 1, 0, TimeSpan.Zero));

    public InMemoryStore Store { get; } = new();

    public FakeCustomerKey Key { get; }

    public IOnDemandValidation OnDemand { get; }

    public Dictionary<NodeId, ScriptedNode> Nodes { get; } = [];

    public Dictionary<ClusterId, ScriptedSet> Sets { get; } = [];

    public List<Mail> Mails { get; } = [];

    public List<KeyProvider> Suspended { get; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task RunAsync(TimeSpan length)
    {
        for (var end = Time.GetUtcNow() + length; Time.GetUtcNow() < end;)
            await StepAsync();
    }

    /// <summary>Until no cluster has a move to make, at most ten minutes.</summary>
    public async Task SettleAsync()
    {
        for (var end = Time.GetUtcNow() + TimeSpan.FromMinutes(10); Time.GetUtcNow() < end;)
        {
            await StepAsync();
            if (_lookAt.Values.All(at => at - Time.GetUtcNow() > TimeSpan.FromMinutes(2)))
                return;
        }
    }

    /// <summary>Ear dies and starts again: who was awake is forgotten; what is stored is not.</summary>
    public void Crash() => _lookAt.Clear();

    public async Task StepAsync()
    {
        Time.Advance(Step);
        foreach (var set in Sets.Values)
            set.Tick();
        foreach (var node in Nodes.Values.Where(n => !n.IsRemoved))
            await NodeAsync(node);
        await TimersAsync();
        foreach (var (id, at) in _lookAt.ToList())
        {
            if (at <= Time.GetUtcNow())
                await ReconcileAsync(_clusters[id]);
        }
        await AnnounceAsync();
        await CheckInvariantsAsync();
    }

    public async Task SweepAsync()
    {
        var found = SweepFindings.None;
        string? start = null;
        do
        {
            var end = await _sweep.NextShardAsync(start, Cancellation);
            found = found.Add(await AgainAsync(() => _sweep.CheckShardAsync(start, end, Cancellation)));
            start = end;
        }
        while (start is not null);
        await ShutDownAsync(found, found.Due);
        if (!found.Suspects.IsEmpty)
            _confirmations.Add((Time.GetUtcNow() + KeyStandings.Confirmation + TimeSpan.FromSeconds(1), found));
    }

    public async Task WakeAsync(ClusterRef cluster, CancellationToken cancellation)
    {
        await Task.CompletedTask;
        (_clusters[cluster.Id], _lookAt[cluster.Id]) = (cluster, Time.GetUtcNow());
    }

    public Task ReportedAsync(ClusterRef cluster, CancellationToken cancellation)
    {
        if (_lookAt.ContainsKey(cluster.Id))
            _lookAt[cluster.Id] = Time.GetUtcNow();
        return Task.CompletedTask;
    }

    public Task ProvideAsync(MachineRequest request, CancellationToken cancellation)
    {
        if (!Sets.ContainsKey(request.Cluster.Id))
            Sets[request.Cluster.Id] = new();
        Nodes.TryAdd(request.NodeId, new ScriptedNode(request, Sets[request.Cluster.Id]));
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(ProjectId project, NodeId node, CancellationToken cancellation)
    {
        Nodes[node].Crash();
        Nodes[node].IsRemoved = true;
        return Task.CompletedTask;
    }

    public Task<MailAnswer> SendAsync(Mail mail, CancellationToken cancellation)
    {
        Mails.Add(mail);
        return Task.FromResult<MailAnswer>(new MailAnswer.Taken());
    }

    /// <summary>From now on every third write is done, and its writer is not told.</summary>
    public void LoseAnswers()
    {
        var writes = 0;
        Store.Fault = point =>
        {
            if (point is SavePoint.AfterCommit && ++writes % 3 == 0)
                throw new LostAnswerException();
        };
    }

    /// <summary>As an engine does: what failed is done again.</summary>
    public static async Task<T> AgainAsync<T>(Func<Task<T>> action)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await action();
            }
            catch (LostAnswerException) when (tries < 100)
            {
                await Task.Yield();
            }
        }
    }

    public static Task AgainAsync(Func<Task> action) => AgainAsync(async () =>
    {
        await action();
        return true;
    });

    // What the orchestration ReconcileCluster does, without its history.
    private async Task ReconcileAsync(ClusterRef cluster)
    {
        for (var moves = 0; moves < 20; moves++)
        {
            var move = await AgainAsync(() => _reconciliation.PlanAsync(cluster, Cancellation));
            switch (move)
            {
                case Move.Done:
                    _lookAt.Remove(cluster.Id);
                    return;
                case Move.Wait wait:
                    _lookAt[cluster.Id] = Time.GetUtcNow() + wait.AtMost;
                    return;
                case Move.StopProcesses stop:
                    await AgainAsync(() => _moves.StopAsync(cluster, stop, sparePrimary: true, Cancellation));
                    foreach (var node in Nodes.Values.Where(n => !n.IsRemoved))
                        await NodeAsync(node);
                    await AgainAsync(() => _moves.CarryOutAsync(cluster, stop, Cancellation));
                    break;
                default:
                    await AgainAsync(() => _moves.CarryOutAsync(cluster, move, Cancellation));
                    break;
            }
        }
    }

    private async Task TimersAsync()
    {
        var now = Time.GetUtcNow();
        foreach (var due in _confirmations.Where(c => c.At <= now).ToList())
        {
            _confirmations.Remove(due);
            var confirmed = await AgainAsync(() => _sweep.ConfirmAsync(due.Found.Suspects, Cancellation));
            await ShutDownAsync(due.Found with { Due = [.. due.Found.Due, .. confirmed.Due] }, confirmed.Due);
        }
        if (now is { Second: 0, Minute: 0 or 15 or 30 or 45 })
            await SweepAsync();
        if (now.Second == 0)
        {
            foreach (var cluster in await ((IUnfinishedClusters)Store).ListAsync(100, Cancellation))
                await WakeAsync(cluster, Cancellation);
        }
    }

    private async Task ShutDownAsync(SweepFindings found, IEnumerable<KeyRef> due)
    {
        var (allowed, suspended) = FleetBreaker.Judge(found);
        Suspended.AddRange(suspended);
        foreach (var key in allowed.Intersect(due))
            await AgainAsync(() => _shutDown.OrderAsync(key, Cancellation));
    }

    private async Task AnnounceAsync()
    {
        var pending = await Store.PendingAsync(1000, Cancellation);
        // Everything is delivered twice, as a topic may.
        foreach (var told in pending.Concat(pending))
            await AgainAsync(() => _mail.TellAsync(told.Event, Cancellation));
        await Store.MarkAnnouncedAsync(pending, Cancellation);
    }

    private async Task NodeAsync(ScriptedNode node)
    {
        var project = node.Project;
        if (!_agentKeys.TryGetValue(node.Id, out var key))
        {
            key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            var request = new EnrolRequest(project.Value, node.Id.Value, node.Token, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), node.HostPort);
            Assert.Null((await AgainAsync(() => _enrolment.EnrolAsync(request, Cancellation))).Fault);
            _agentKeys[node.Id] = key;
        }
        if (await ((INodes)Store).FindAsync(project, node.Id, Cancellation) is not { Document: { } stored })
            return;
        node.Hear(stored.Goal);
        await node.StepAsync(id => ReadKeyAsync(node, key, id));
        await AgainAsync(() => _reports.TakeAsync(project, node.Id, node.Report(), Cancellation));
    }

    private async Task<(bool Readable, string? Id)> ReadKeyAsync(ScriptedNode node, ECDiffieHellman agentKey, string? id)
    {
        if (id is not null)
        {
            var answer = await _keys.UnwrapAsync(node.Project, node.Id, new(id), Cancellation);
            if (answer.Value is { } opened)
                Assert.Equal(32, SealedBox.Open(opened.Sealed, agentKey, AgentApi.KeyPurpose(node.Id, id)).Length);
            return (answer.Value is not null, id);
        }
        var made = Guid.CreateVersion7().ToString();
        var recipient = SealedBox.ImportPublicKey(await _sealing.PublicKeyAsync(Cancellation));
        var wrap = new WrapRequest(made, SealedBox.Seal(RandomNumberGenerator.GetBytes(32), recipient, AgentApi.KeyPurpose(node.Id, made)));
        return ((await AgainAsync(() => _keys.WrapAsync(node.Project, node.Id, wrap, Cancellation))).Value is not null, made);
    }
}

internal sealed class LostAnswerException() : Exception("The write is done; its answer is lost.");
