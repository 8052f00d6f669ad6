using Ear.Agent.ControlPlane;
using Ear.Agent.Goals;
using Ear.Agent.Keys;
using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Tests.Fakes;

/// <summary>The side of an agent that faces the control plane, enrolled with a fake one.</summary>
internal sealed class EnrolledAgent : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http;
    private readonly NodeIdentity identity;
    private readonly AgentSettings settings;

    private EnrolledAgent(FakeControlPlane controlPlane)
    {
        ControlPlane = controlPlane;
        (var read, var faults) = AgentSettings.Read(
            ["--data", folder.Path, "--controlPlane", controlPlane.Url.ToString(), "--projectId", FakeControlPlane.Project.Value, "--nodeId", "6e0000000000000000000001"], null);
        Assert.Empty(faults);
        settings = read!;
        var agentFolder = new AgentFolder(folder.Path);
        State = new AgentStateStore(agentFolder);
        identity = NodeIdentity.LoadOrCreate(agentFolder, settings);
        http = ControlPlaneHttp.Create(settings.ControlPlane);
        var ids = new SystemIds(TimeProvider.System);
        Client = new ControlPlaneClient(http, identity, TimeProvider.System, ids);
        Goals = new GoalKeeper(State, TimeProvider.System, LoggerFor<GoalKeeper>());
        Ledger = new KeyLedger(agentFolder);
        Keys = new ControlPlaneKeys(Client, identity, State, Ledger, TimeProvider.System, ids, LoggerFor<ControlPlaneKeys>());
    }

    public FakeControlPlane ControlPlane { get; }

    public FakeNode Node => ControlPlane.Node(settings.NodeId);

    public AgentStateStore State { get; }

    public ControlPlaneClient Client { get; }

    public GoalKeeper Goals { get; }

    public KeyLedger Ledger { get; }

    public ControlPlaneKeys Keys { get; }

    public TestLogs Logs { get; } = new();

    public string TokenFile => settings.EnrolmentTokenFile;

    public string KeyFile => folder["node.key"];

    public static async Task<EnrolledAgent> StartAsync(bool enrol = true)
    {
        var agent = new EnrolledAgent(await FakeControlPlane.StartAsync());
        await File.WriteAllTextAsync(agent.TokenFile, agent.Node.Token + "\n", TestContext.Current.CancellationToken);
        if (enrol)
            await agent.EnrolAsync();
        return agent;
    }

    public Task EnrolAsync() =>
        new AgentEnrolment(settings, State, identity, Client, TimeProvider.System, new SystemIds(TimeProvider.System), LoggerFor<AgentEnrolment>())
            .EnsureAsync("127.0.0.1:27017", TestContext.Current.CancellationToken);

    public ILogger<T> LoggerFor<T>() => Logs.CreateLogger<T>();

    public void Hear(GoalVerdict verdict)
    {
        var goal = Goals.Current?.Goal ?? 0;
        Goals.Accept(new NodeGoal(goal + 1, 1, WantedProcess.Running, EncryptionMode.Aes256Gcm, "M10", "rs", verdict, null));
    }

    public async ValueTask DisposeAsync()
    {
        await ControlPlane.DisposeAsync();
        http.Dispose();
        identity.Dispose();
        folder.Dispose();
    }
}
