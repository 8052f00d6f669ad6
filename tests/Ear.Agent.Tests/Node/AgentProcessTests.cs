using System.Diagnostics;
using System.Text.Json;
using Ear.Agent.Processes;
using Ear.Agent.Storage;
using Ear.Agent.Tests.Fakes;
using Ear.Nodes;

namespace Ear.Agent.Tests.Node;

/// <summary>The agent as it is installed: a process with an agent.json.</summary>
public sealed class AgentProcessTests : IDisposable
{
    private static readonly NodeId Id = NodeId.FromValid("6e0000000000000000000001");
    private readonly TemporaryFolder folder = new();
    private readonly List<Process> agents = [];

    public void Dispose()
    {
        foreach (var agent in agents)
        {
            if (!agent.HasExited)
                agent.Kill();
            agent.WaitForExit();
            agent.Dispose();
        }

        using (var host = Host())
        {
            if (host.Find() is { } process)
                host.Kill(process);
        }

        folder.Dispose();
    }

    [Fact]
    public async Task Mongod_survives_an_agent_that_is_killed_and_the_next_agent_adopts_and_stops_it()
    {
        await using var controlPlane = await FakeControlPlane.StartAsync();
        var node = controlPlane.Node(Id);
        node.Goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M10", "rs", GoalVerdict.None, null);
        await File.WriteAllTextAsync(folder["enrolment.token"], node.Token, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            folder["agent.json"],
            JsonSerializer.Serialize(new
            {
                controlPlane = controlPlane.Url,
                projectId = FakeControlPlane.Project.Value,
                nodeId = Id.Value,
                mongod = BuiltOutput.Of("local", "Ear.Mongod"),
                stopMongodWithAgent = true,
            }),
            TestContext.Current.CancellationToken);

        var first = Start();
        await Eventually.HoldsAsync(() => node.Report is { Mongod.Up: true }, "mongod is up", 60, () => $"{node.Report}");
        var mongod = node.Report!.Mongod.ProcessId!.Value;
        first.Kill();
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);

        var polls = node.Polls;
        var second = Start();
        await Eventually.HoldsAsync(() => node.Polls > polls && node.Report is { Mongod.Up: true }, "the next agent reports it", 60, () => $"{node.Report}");
        Assert.Equal(mongod, node.Report!.Mongod.ProcessId);

        using (var signal = Process.Start("kill", ["-TERM", $"{second.Id}"]))
        {
            await signal.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await second.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, second.ExitCode);
        using var host = Host();
        Assert.Null(host.Find());
    }

    private DetachedProcessHost Host() => new(new AgentFolder(folder.Path), "mongod", TimeProvider.System);

    private Process Start()
    {
        var agent = Process.Start(new ProcessStartInfo("dotnet", [BuiltOutput.Of("agent", "Ear.Agent"), "--data", folder.Path])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        // Read, so that the agent never waits for a full pipe.
        agent.OutputDataReceived += static (_, _) => { };
        agent.BeginOutputReadLine();
        agents.Add(agent);
        return agent;
    }
}
