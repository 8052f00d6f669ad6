using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Functions.Agents;
using Ear.Functions.Alerts;
using Ear.Functions.Clusters.Reconciliation;
using Ear.Functions.Durable;
using Ear.Functions.Http;
using Ear.Functions.Tests.Http.World;
using Ear.Functions.Validation;
using Ear.Local.Durable;
using Ear.Local.Durable.Hosting;
using Ear.Local.Host;
using Ear.Nodes;
using Ear.Projects;
using Ear.Telemetry;
using Ear.Tests.CustomerKeys.Validation;
using Ear.Tests.Fakes;
using Ear.Tests.Scenarios;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Functions.Tests.Reconciliation;

/// <summary>
/// The rooms of the control plane on the real local host with the real durable engine, over a store and a KMS in memory. Nodes play
/// themselves whenever <see cref="UntilAsync"/> waits for something.
/// </summary>
internal sealed class EngineWorld : IMachines, IAsyncDisposable
{
    /// <summary>
    /// As <see cref="WakeUnfinishedClusters"/> does each minute: an instance that ends while it is told hears nothing (<see cref="Durable.OneInstance"/>), and the clusters of a
    /// world in which nobody looked again would be stranded.
    /// </summary>
    private static readonly TimeSpan SweepEach = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("ear-engine-").FullName;
    private readonly ConcurrentDictionary<NodeId, Agent> _agents = new();
    private readonly ConcurrentDictionary<ClusterId, ScriptedSet> _sets = new();
    private FunctionsHost? _host;

    private EngineWorld() => Key = new(KeyProvider.Aws, TimeProvider.System);

    public InMemoryStore Store { get; } = new();

    public FakeCustomerKey Key { get; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public FunctionsHost Host => _host ?? throw new InvalidOperationException("The host does not run.");

    public DurableTaskClient Client => Host.Services.GetRequiredService<DurableTaskClient>();

    public EarMeters Meters => Host.Services.GetRequiredService<EarMeters>();

    public IReconciler Reconciler => Host.Services.GetRequiredService<IReconciler>();

    /// <summary>How many of the next wake-ups nobody hears.</summary>
    public int LostWakes { get; set; }

    public IReadOnlyCollection<ScriptedNode> Nodes => [.. _agents.Values.Select(a => a.Node).OrderBy(n => n.Index)];

    public IEnumerable<ScriptedSet> Sets => _sets.Values;

    public static ClusterName Orders { get; } = ClusterName.Parse("orders", null);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<EngineWorld> StartAsync(TimeProvider? time = null)
    {
        var world = new EngineWorld { Time = time ?? TimeProvider.System };
        await ConfiguredProject.SaveAsync(world.Store, world.Key, world.Time);
        await world.StartHostAsync();
        return world;
    }

    /// <summary>Ear ends and starts again on the same files.</summary>
    public async Task RestartAsync()
    {
        await StopHostAsync();
        await StartHostAsync();
    }

    public async Task<Cluster> CreateAsync(KeyProvider? encryption, bool wake = true, string? trace = null)
    {
        var cluster = new Cluster(ClusterId.FromValid("222222222222222222222222"), ConfiguredProject.Id, Orders, Time.GetUtcNow(), new ClusterSpec(encryption, "M10", 3)) { Trace = trace };
        await Store.SaveAsync(cluster, 0, [], Cancellation);
        if (wake)
            await Reconciler.WakeAsync(cluster.Ref, Cancellation);
        return cluster;
    }

    public async Task WishAsync(Func<Cluster, Cluster> wish)
    {
        for (var saved = false; !saved;)
        {
            var (cluster, version) = (await Store.FindAsync(ConfiguredProject.Id, Orders, Cancellation))!;
            saved = (await Store.SaveAsync(wish(cluster) with { Generation = cluster.Generation + 1 }, version, [], Cancellation)).Saved;
        }
        await Reconciler.WakeAsync((await ClusterAsync())!.Ref, Cancellation);
    }

    /// <summary>From the timer to the end.</summary>
    public async Task SweepAsync()
    {
        await new ValidateCustomerKeys(Time, Meters, NullLogger<ValidateCustomerKeys>.Instance).Run(new(), Client, Cancellation);
        await UntilAsync(async () => await RunningSweepsAsync() == 0);
    }

    public async Task<Cluster?> ClusterAsync() => (await Store.FindAsync(ConfiguredProject.Id, Orders, Cancellation))?.Document;

    public Task IdleAsync() => UntilAsync(async () => await ClusterAsync() is { State: ClusterState.Idle, IsPending: false });

    /// <summary>Lets the nodes play until it holds; fails after a minute with what is the case instead.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var swept = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(swept) > SweepEach)
            {
                swept = TimeProvider.System.GetTimestamp();
                foreach (var cluster in await ((IUnfinishedClusters)Store).ListAsync(10, Cancellation))
                    await Reconciler.WakeAsync(cluster, Cancellation);
            }
            if (patience.IsCancellationRequested)
                Assert.Fail($"It did not come to it. {await ClusterAsync()}\n{string.Join('\n', (await Store.ListAsync(ConfiguredProject.Id, (await ClusterAsync())?.Id ?? default, Cancellation)).Select(n => $"{n.Document.Goal} {n.Document.Report?.Mongod}"))}");
            foreach (var set in _sets.Values)
                set.Tick();
            foreach (var agent in _agents.Values)
                await agent.StepAsync(Host.Services, Store, Cancellation);
            await Task.Delay(20, Cancellation);
        }
    }

    public Task ProvideAsync(MachineRequest request, CancellationToken cancellation)
    {
        _agents.GetOrAdd(request.NodeId, _ => new(new(request, _sets.GetOrAdd(request.Cluster.Id, _ => new()))));
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(ProjectId project, NodeId node, CancellationToken cancellation)
    {
        _agents[node].Node.IsRemoved = true;
        return Task.CompletedTask;
    }

    private async Task<int> RunningSweepsAsync()
    {
        var running = 0;
        await foreach (var instance in Client.GetAllInstancesAsync(new OrchestrationQuery(InstanceIdPrefix: ValidateCustomerKeys.Prefix)))
            running += instance.IsCompleted ? 0 : 1;
        return running;
    }

    /// <summary>Everything that the durable engine has written down.</summary>
    public async Task<string> HistoryAsync()
    {
        await StopHostAsync();
        var text = new System.Text.StringBuilder();
        foreach (var file in Directory.GetFiles(_folder, "durable.db*"))
            text.Append(System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancellation)));
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await StopHostAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartHostAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["EventsTopic"] = "ear-events" });
        AddFakes(builder.Services);
        var options = new FunctionsHostOptions { DataFolder = _folder };
        builder.Services.AddDurable(options, new DurableOptions { File = Path.Combine(_folder, "durable.db") });
        // No timers: the system's clock would start a sweep in the middle of a test each quarter of an hour.
        Type[] classes = [typeof(ReconcileCluster), typeof(ReconciliationActivities), typeof(SweepCustomerKeys), typeof(ValidationActivities), typeof(AgentDoors)];
        _host = FunctionsHost.Build(builder, classes, options, app =>
        {
            app.ConfigureFunctionsWebApplication();
            app.UseMiddleware<UnexpectedErrors>();
            // The tests and the nodes speak to it from outside any function.
            app.Services.AddSingleton<ITaskHub>(s => new EnginesHub(s.GetRequiredService<DurableTaskClient>()));
            app.UseMiddleware<OrchestrationWatch>();
            app.Services.AddSingleton<IReconciler>(s => new LossyReconciler(this, s.GetRequiredService<DurableReconciler>()));
            app.Services.AddReconciliation(app.Configuration).AddValidation().AddAlerts().AddAgents(app.Configuration);
        });
        await _host.StartAsync(Cancellation);
    }

    private sealed class LossyReconciler(EngineWorld world, IReconciler inner) : IReconciler
    {
        public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation)
        {
            if (world.LostWakes == 0)
                return inner.WakeAsync(cluster, cancellation);
            world.LostWakes--;
            return Task.CompletedTask;
        }
    }

    private async Task StopHostAsync()
    {
        if (_host is null)
            return;
        await _host.StopAsync();
        await _host.DisposeAsync();
        _host = null;
    }

    private void AddFakes(IServiceCollection services)
    {
        services.AddSingleton(Time).AddSingleton<IIds, SystemIds>().AddSingleton<IMachines>(this).AddSingleton<ICustomerKey>(Key);
        services.AddSingleton<IProjects>(Store).AddSingleton<IClusters>(Store).AddSingleton<IUnfinishedClusters>(Store).AddSingleton<INodes>(Store);
        services.AddSingleton<Ear.Alerts.IAlerts>(Store).AddSingleton<Ear.Alerts.IAlertConfigs>(Store).AddSingleton<Ear.Secrets.ISecrets>(Store);
    }

    /// <summary>A scripted node and the agent's side of enrolment, reports and keys.</summary>
    private sealed class Agent(ScriptedNode node)
    {
        private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        private bool _enrolled;

        public ScriptedNode Node => node;

        public async Task StepAsync(IServiceProvider services, INodes nodes, CancellationToken cancellation)
        {
            if (node.IsRemoved)
                return;
            var enrol = new EnrolRequest(node.Project.Value, node.Id.Value, node.Token, Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo()), node.HostPort);
            if (!_enrolled)
                _enrolled = (await services.GetRequiredService<NodeEnrolment>().EnrolAsync(enrol, cancellation)).Value is not null;
            if (await nodes.FindAsync(node.Project, node.Id, cancellation) is { } stored)
                node.Hear(stored.Document.Goal);
            await node.StepAsync(id => ReadKeyAsync(services, id, cancellation));
            await services.GetRequiredService<NodeReports>().TakeAsync(node.Project, node.Id, node.Report(), cancellation);
        }

        private async Task<(bool Readable, string? Id)> ReadKeyAsync(IServiceProvider services, string? id, CancellationToken cancellation)
        {
            var keys = services.GetRequiredService<NodeKeys>();
            if (id is not null)
                return ((await keys.UnwrapAsync(node.Project, node.Id, new(id), cancellation)).Value is not null, id);
            var made = Guid.NewGuid().ToString();
            var recipient = SealedBox.ImportPublicKey(await services.GetRequiredService<SealingKey>().PublicKeyAsync(cancellation));
            var request = new WrapRequest(made, SealedBox.Seal(RandomNumberGenerator.GetBytes(32), recipient, AgentApi.KeyPurpose(node.Id, made)));
            return ((await keys.WrapAsync(node.Project, node.Id, request, cancellation)).Value is not null, made);
        }
    }
}
