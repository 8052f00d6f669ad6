using Ear.Agent.ControlPlane;
using Ear.Agent.Goals;
using Ear.Agent.Keys;
using Ear.Agent.Kmip;
using Ear.Agent.Mongod;
using Ear.Agent.Operations;
using Ear.Agent.Processes;
using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Nodes;
using Microsoft.Extensions.Logging;
using AgentEnrolment = Ear.Agent.ControlPlane.AgentEnrolment;

namespace Ear.Agent.Node;

/// <summary>Puts an agent together and runs its loops: the bridge, the poll, the node, and giving keys back.</summary>
internal sealed class NodeAgent(AgentSettings settings, TimeProvider time, ILoggerFactory logs)
{
    // Longer than a stop may take (MongodStopper), so that it is not cut off half-way.
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(90);

    /// <summary>Until cancelled, or until the node is removed.</summary>
    /// <exception cref="FatalException">A person has to do something first; the message says what.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(settings.DataFolder);
        var folder = new AgentFolder(settings.DataFolder);
        var state = new AgentStateStore(folder);
        if (state.Current.Removed)
            throw new RemovedException("This node was removed from its cluster. Its data folder can be deleted; a new node needs a new one.");
        var ids = new SystemIds(time);
        var (mongodPort, _) = AgentPorts.Settle(settings, state);
        var hostPort = $"{settings.Host}:{mongodPort}";
        var program = await MongodProgram.AskAsync(settings.Mongod, cancellation);
        Log.Starting(logs.CreateLogger<NodeAgent>(), settings.NodeId.Value, folder.Root, settings.ControlPlane, program.Path, program.Version, hostPort);

        using var identity = NodeIdentity.LoadOrCreate(folder, settings);
        using var http = ControlPlaneHttp.Create(settings.ControlPlane);
        var controlPlane = new ControlPlaneClient(http, identity, time, ids);
        await new AgentEnrolment(settings, state, identity, controlPlane, time, ids, logs.CreateLogger<AgentEnrolment>()).EnsureAsync(hostPort, cancellation);

        var keys = new ControlPlaneKeys(controlPlane, identity, state, new KeyLedger(folder), time, ids, logs.CreateLogger<ControlPlaneKeys>());
        using var certificates = KmipCertificates.LoadOrCreate(folder.Root, time);
        using var bridge = await AgentBridge.OpenAsync(keys, certificates, state, time, logs, cancellation);
        using var mongods = new DriverMongods();
        using var host = new DetachedProcessHost(folder, program.Path, time);
        var goals = new GoalKeeper(state, time, logs.CreateLogger<GoalKeeper>());
        var place = new MongodPlace(folder, settings.BindIp, mongodPort, bridge.Port, certificates.CaFile, certificates.ClientFile);
        var parts = new NodeParts(settings, place, program, host, mongods, new DbPath(folder, settings.NodeId), keys, keys, goals, new Journal(folder), hostPort);
        using var board = new ReportBoard(ids);
        var (loop, supervisor) = NodeParts.Assemble(parts, board, ids, time, logs);
        var poll = new PollLoop(controlPlane, goals, board, time, ids, logs.CreateLogger<PollLoop>());
        var returns = new KeyReturns(goals, state, keys, time, ids, logs.CreateLogger<KeyReturns>());

        await RunTogetherAsync([bridge.RunAsync, poll.RunAsync, loop.RunAsync, returns.RunAsync], last: loop.RunAsync, cancellation);
        Log.Ending(logs.CreateLogger<NodeAgent>(), !settings.StopMongodWithAgent && !goals.Removed);
        if (settings.StopMongodWithAgent)
        {
            using var bound = new CancellationTokenSource(StopWithin, time);
            await supervisor.StopAsync(bound.Token);
        }
    }

    /// <summary>Ends all when the <paramref name="last"/> one ends, when one fails, or when cancelled.</summary>
    private static async Task RunTogetherAsync(Func<CancellationToken, Task>[] loops, Func<CancellationToken, Task> last, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = loops.ToDictionary(loop => loop(stop.Token));
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running.Keys);
            var loop = running[ended];
            running.Remove(ended);
            if (!ended.IsCompletedSuccessfully || loop == last)
                await stop.CancelAsync();
            if (ended.IsFaulted)
            {
                await Task.WhenAll(running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await ended;
            }
        }
    }
}
