using Ear.Agent.Goals;
using Ear.Agent.Keys;
using Ear.Agent.Mongod;
using Ear.Agent.Operations;
using Ear.Agent.Processes;
using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Node;

/// <summary>What a node is made of on its outside: processes, servers, files, keys. Tests put their own in these places.</summary>
internal sealed record NodeParts(
    AgentSettings Settings,
    MongodPlace Place,
    MongodProgram Program,
    IProcessHost Host,
    IMongods Mongods,
    IDbPath Db,
    INodeKeys Keys,
    IKeyTrouble KeyTrouble,
    GoalKeeper Goals,
    IJournal Journal,
    string HostPort)
{
    public static (NodeLoop Loop, Supervisor Supervisor) Assemble(NodeParts parts, ReportBoard board, IIds ids, TimeProvider time, ILoggerFactory logs)
    {
        var starter = new MongodStarter(parts.Host, parts.Db, parts.Settings, parts.Place, parts.Program);
        var self = parts.Mongods.At(parts.HostPort);
        var stopper = new MongodStopper(parts.Host, self, time, logs.CreateLogger<MongodStopper>());
        var gate = new KeyGate(parts.Keys, parts.KeyTrouble);
        var supervisor = new Supervisor(parts.Host, starter, stopper, gate, ids, time, logs.CreateLogger<Supervisor>());
        IOperation[] operations =
        [
            new Initiate(parts.Mongods, parts.HostPort),
            new ChangeMembers(NodeOpKind.AdmitMember, parts.Mongods, parts.HostPort),
            new ChangeMembers(NodeOpKind.RemoveMember, parts.Mongods, parts.HostPort),
            new StepDown(parts.Mongods, parts.HostPort, time),
            new WipeAndResync(new ResyncKey(parts.Keys, gate, parts.Settings), new ResyncPeers(parts.Mongods, parts.HostPort), supervisor, parts.Db),
            new Restart(supervisor, parts.Db, gate),
        ];
        var runner = new OperationRunner(operations, parts.Goals, parts.Journal, time, logs.CreateLogger<OperationRunner>());
        var eyes = new NodeEyes(parts.Host, self, parts.Db, time, logs.CreateLogger<NodeEyes>());
        var reports = new ReportWriter(parts.Goals, runner, supervisor, starter, parts.HostPort);
        return (new NodeLoop(parts.Goals, eyes, runner, supervisor, reports, board, time, logs.CreateLogger<NodeLoop>()), supervisor);
    }
}
