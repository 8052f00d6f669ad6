using Ear.Agent.Node;
using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Agent.Tests.Fakes;
using Ear.Nodes;

namespace Ear.Agent.Tests.Node;

/// <summary>Real agents, each with a real process of the stand-in mongod, under a control plane that the test plays.</summary>
internal sealed class StandInCluster : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestLogs logs = new();
    private readonly List<Member> members = [];

    private StandInCluster(FakeControlPlane controlPlane, string mongod)
    {
        ControlPlane = controlPlane;
        Mongod = mongod;
    }

    public FakeControlPlane ControlPlane { get; }

    public string Mongod { get; }

    public string Logs => logs.Text;

    public IReadOnlyList<Member> Members => members;

    public static async Task<StandInCluster> StartAsync(int size)
    {
        var cluster = new StandInCluster(await FakeControlPlane.StartAsync(), BuiltOutput.Of("local", "Ear.Mongod"));
        for (var index = 0; index < size; index++)
        {
            cluster.members.Add(new Member(cluster, index));
        }

        foreach (var member in cluster.members)
        {
            member.StartAgent();
        }

        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in members)
        {
            await member.EndAsync();
        }

        await ControlPlane.DisposeAsync();
        folder.Dispose();
    }

    internal sealed class Member
    {
        private readonly StandInCluster cluster;
        private CancellationTokenSource? stop;
        private Task? running;
        private long goal;

        public Member(StandInCluster cluster, int index)
        {
            this.cluster = cluster;
            Id = NodeId.FromValid($"6e00000000000000000000{index:x2}");
            Folder = cluster.folder[$"node{index}"];
            Directory.CreateDirectory(Folder);
            File.WriteAllText(TokenFile, Node.Token);
        }

        public NodeId Id { get; }

        public string Folder { get; }

        public string TokenFile => Path.Combine(Folder, "enrolment.token");

        public FakeNode Node => cluster.ControlPlane.Node(Id);

        public NodeReport? Report => Node.Report;

        public string Host => Node.HostPort!;

        public void StartAgent()
        {
            var (settings, faults) = AgentSettings.Read(
                ["--data", Folder, "--controlPlane", cluster.ControlPlane.Url.ToString(), "--projectId", FakeControlPlane.Project.Value, "--nodeId", Id.Value, "--mongod", cluster.Mongod], null);
            Assert.Empty(faults);
            stop = new CancellationTokenSource();
            running = Task.Run(() => new NodeAgent(settings!, TimeProvider.System, cluster.logs).RunAsync(stop.Token));
        }

        /// <summary>The agent ends as abruptly as a task can; its mongod goes on.</summary>
        public async Task StopAgentAsync()
        {
            await stop!.CancelAsync();
            await running!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public void Tell(Func<NodeGoal, NodeGoal> change)
        {
            var current = Node.Goal ?? new NodeGoal(0, 1, WantedProcess.Running, EncryptionMode.None, "M10", "orders-shard-0", GoalVerdict.None, null);
            Node.Goal = change(current) with { Goal = ++goal };
        }

        public async Task OperateAsync(NodeOp op)
        {
            Tell(current => current with { Op = op });
            await Eventually.HoldsAsync(
                () => Report?.Op is { } seen && seen.Id == op.Id && seen.Phase != OpPhase.Running, $"{op.Kind} ends on {Host}", 60, () => $"{Report}\n{cluster.Logs}");
            Assert.True(Report!.Op!.Phase == OpPhase.Succeeded, $"{Report.Op}\n{cluster.Logs}");
            Tell(current => current with { Op = null });
        }

        public Task SeenAsync(Func<NodeReport, bool> condition, string what) =>
            Eventually.HoldsAsync(() => Report is { } report && condition(report), what, 60, () => $"{Report}\n{cluster.Logs}");

        public async Task EndAsync()
        {
            await StopAgentAsync();
            using var host = new Ear.Agent.Processes.DetachedProcessHost(new AgentFolder(Folder), cluster.Mongod, TimeProvider.System);
            if (host.Find() is not { } process)
                return;
            host.Kill(process);
            await Eventually.HoldsAsync(() => host.Find() is null, "mongod is gone");
        }
    }
}
