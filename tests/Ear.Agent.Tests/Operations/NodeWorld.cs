using System.Collections.Immutable;
using Ear.Agent.Goals;
using Ear.Agent.Keys;
using Ear.Agent.Node;
using Ear.Agent.Operations;
using Ear.Agent.Processes;
using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Agent.Tests.Fakes;
using Ear.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Agent.Tests.Operations;

/// <summary>
/// One node with real files, journal and goals, in a fake replica set on a fake clock. Its data is one file whose text says how it
/// was made. The agent can be killed and started again; the process, the set and the disk stay.
/// </summary>
internal sealed class NodeWorld : IDisposable, IProcessHost, IKeyTrouble
{
    public const string Self = "n1:27017";
    public const string Old = "the old data";

    private readonly TemporaryFolder temporary = new();
    private readonly AgentSettings settings;
    private readonly AgentFolder folder;
    private ReportBoard board = new(new SystemIds(TimeProvider.System));
    private NodeLoop? loop;
    private bool running;

    public NodeWorld(FakeSet? set = null)
    {
        Set = set ?? FakeSet.Of("n0:27017", Self, "n2:27017");
        folder = new AgentFolder(temporary.Path);
        settings = new AgentSettings
        {
            DataFolder = temporary.Path,
            ControlPlane = new Uri("http://127.0.0.1"),
            ProjectId = FakeControlPlane.Project,
            NodeId = NodeId.FromValid("6e0000000000000000000001"),
            EnrolmentTokenFile = "",
            Mongod = "mongod",
            Host = "n1",
            BindIp = "127.0.0.1",
            Port = 27017,
            KmipPort = 5696,
            StopMongodWithAgent = false,
        };
        Db.Mark(new DbMarker(settings.NodeId.Value, EncryptionMode.None, null, Started: true));
        File.WriteAllText(Data, Old);
        Server.OnShutdown = () => running = false;
        running = true;
        Goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M10", "rs", GoalVerdict.Valid, null);
    }

    public FakeSet Set { get; }

    public FakeServer Server => Set.At(Self);

    public FakeNodeKeys Keys { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public NodeGoal Goal { get; set; }

    public Kills Kills { get; set; } = new(int.MaxValue);

    public DbPath Db => new(folder, settings.NodeId);

    public string Data => Path.Combine(folder.DbPath, "data");

    public string DbFolder => folder.DbPath;

    public IEnumerable<string> LeftOvers => Directory.EnumerateDirectories(temporary.Path).Where(path => Path.GetFileName(path).StartsWith("db.", StringComparison.Ordinal));

    /// <summary>mongod exits at once when it finds an empty dbPath.</summary>
    public bool CannotSync { get; set; }

    public int Starts { get; private set; }

    public IReadOnlyList<string> LastArguments { get; private set; } = [];

    public bool Running => running;

    /// <summary>Sent beside the reports.</summary>
    public string? Trace => board.Trace;

    public OpReport? Report => Latest?.Op;

    public NodeReport? Latest { get; private set; }

    public bool SeenSince(long timestamp) => false;

    /// <summary>A new agent on what the last one left behind.</summary>
    public void StartAgent(bool hearsItsGoal = true)
    {
        var state = new AgentStateStore(folder);
        var goals = new GoalKeeper(state, Time, NullLogger<GoalKeeper>.Instance);
        if (hearsItsGoal)
            goals.Accept(Goal);
        board = new ReportBoard(new SystemIds(Time));
        var place = new MongodPlace(folder, "127.0.0.1", 27017, 5696, "ca", "client");
        var parts = new NodeParts(
            settings, place, new MongodProgram("mongod", new Version(7, 0)), new KillingProcessHost(this, Kills), new KillingMongods(Set, Kills),
            new KillingDbPath(Db, Kills), new KillingKeys(Keys, Kills), this, goals, new KillingJournal(new Journal(folder), Kills), Self);
        Hear = goals.Accept;
        (loop, _) = NodeParts.Assemble(parts, board, new SystemIds(Time), Time, NullLoggerFactory.Instance);
    }

    public Func<NodeGoal, bool> Hear { get; private set; } = _ => false;

    public void Order(NodeOp op, string? trace = null)
    {
        Goal = Goal with { Goal = Goal.Goal + 1, Op = op, Trace = trace, Encryption = op.TargetEncryption ?? Goal.Encryption };
        StartAgent();
    }

    public async Task TickAsync()
    {
        await loop!.TickAsync(TestContext.Current.CancellationToken);
        Latest = board.Take().Report;
        Time.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>Ticks until the operation has ended; a killed agent is started again.</summary>
    public async Task RunToEndAsync(int ticks = 300)
    {
        for (var tick = 0; tick < ticks; tick++)
        {
            try
            {
                await TickAsync();
            }
            catch (AgentKilledException)
            {
                Kills = new Kills(int.MaxValue);
                StartAgent();
            }

            if (Report is { Phase: not OpPhase.Running } report && report.Id == Goal.Op?.Id)
                return;
        }

        Assert.Fail($"The operation did not end within {ticks} looks: {Report}");
    }

    ProcessMark? IProcessHost.Find() => running ? new ProcessMark(1, 1, "boot") : null;

    Task<ProcessMark> IProcessHost.StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        Assert.False(running, "A second mongod was started.");
        Starts++;
        LastArguments = arguments;
        running = true;
        Server.Up = true;
        Server.Encrypted = arguments.Contains("--enableEncryption");
        if (File.Exists(Data))
        {
            Server.Role = Set.Config is null ? MemberRole.NoSet : MemberRole.Secondary;
            Server.OnLook = null;
        }
        else
        {
            Sync();
        }

        return Task.FromResult(new ProcessMark(1, 1, "boot"));
    }

    void IProcessHost.Terminate(ProcessMark process) => End();

    void IProcessHost.Kill(ProcessMark process) => End();

    public void Dispose()
    {
        board.Dispose();
        temporary.Dispose();
    }

    private void End() => (running, Server.Up) = (false, false);

    private void Sync()
    {
        var looks = 0;
        Server.Role = MemberRole.Startup2;
        Server.Up = !CannotSync;
        running = !CannotSync;
        var text = $"synced, encrypted: {Server.Encrypted}";
        Server.OnLook = server =>
        {
            if (++looks < 3 || !server.Up)
                return;
            File.WriteAllText(Data, text);
            server.Role = MemberRole.Secondary;
        };
    }

    public static NodeOp Resync(string id = "op-1", int lease = 60, int deadline = 600) => new(id, NodeOpKind.WipeAndResync, lease, deadline)
    {
        TargetEncryption = EncryptionMode.Aes256Gcm,
        Peers = ImmutableArray.Create("n0:27017", "n2:27017"),
    };
}
