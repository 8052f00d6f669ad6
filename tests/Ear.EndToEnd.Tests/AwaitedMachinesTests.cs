using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary>Machines of an operator, as in Azure (ADR-0014): what docs/operations/machines.md tells to do, on one machine and over https.</summary>
public sealed class AwaitedMachinesTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Three_machines_find_a_node_each_the_cluster_lives_on_them_and_they_may_go_when_it_is_deleted()
    {
        Peers.Need("curl", "jq");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Bound);
        await using var ear = await RunningEar.StartAsync(limit.Token, "--machines", "awaited");
        using var fleet = new Fleet(ear);
        await ear.Api.SendAsync(HttpMethod.Post, "clusters", Cluster(), limit.Token);

        while ((await fleet.ListAsync("awaitedNodes", limit.Token)).Count < 3)
            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        // All at once, as a scale set starts them; two of them would take the same node if they could.
        var joined = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => fleet.JoinAsync($"vm-{i}", limit.Token)));
        Assert.Equal(3, joined.Select(j => j["nodeId"]!.GetValue<string>()).Distinct().Count());
        // An agent that has not enrolled may need another token, for the same node.
        var token = await fleet.TokenAsync("vm-0", limit.Token);
        Assert.Equal(joined[0].ToJsonString(), (await fleet.JoinAsync("vm-0", limit.Token)).ToJsonString());
        Assert.NotEqual(token, await fleet.TokenAsync("vm-0", limit.Token));
        var agents = Enumerable.Range(0, 3).Select(i => fleet.StartAgent($"vm-{i}")).ToList();
        while (!await ear.Api.AllRunAsync(["orders"], limit.Token))
            await Task.Delay(TimeSpan.FromMilliseconds(500), limit.Token);

        Assert.Equal(0, (await fleet.RunJoinAsync("vm-1", "whatever", Text(ear, "secureUrl"), limit.Token)).Code);
        Assert.Empty(await fleet.ListAsync("awaitedNodes", limit.Token));
        Assert.Empty(Directory.EnumerateFiles(fleet.Folder, "enrolment.token", SearchOption.AllDirectories));

        await ear.Api.SendAsync(HttpMethod.Delete, "clusters/orders", null, limit.Token);
        IReadOnlyList<JsonNode> released;
        while ((released = await fleet.ListAsync("releasedNodes", limit.Token)).Count < 3)
            await Task.Delay(TimeSpan.FromMilliseconds(500), limit.Token);
        Assert.Equal(["vm-0", "vm-1", "vm-2"], released.Select(n => n["machine"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        foreach (var agent in agents)
        {
            await agent.WaitForExitAsync(limit.Token);
            Assert.Equal(0, agent.ExitCode);
        }
        Assert.Equal(0, ear.Api.Mongods("orders"));
        // A machine that is started once more finds nothing to do, and ear-agent.service leaves it at that.
        using (var once = fleet.StartAgent("vm-0"))
        {
            await once.WaitForExitAsync(limit.Token);
            Assert.Equal(3, once.ExitCode);
        }
        foreach (var node in released)
            await fleet.GoneAsync(node, limit.Token);
        Assert.Empty(await fleet.ListAsync("releasedNodes", limit.Token));
        var told = await ear.Api.SendAsync(HttpMethod.Get, "events?itemsPerPage=500", null, limit.Token);
        var types = told["results"]!.AsArray().Select(e => e!["eventTypeName"]!.GetValue<string>()).Where(t => t.StartsWith("NODE_", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            [("NODE_AWAITED", 3), ("NODE_ENROLMENT_TOKEN_ISSUED", 4), ("NODE_MACHINE_GONE", 3), ("NODE_RELEASED", 3)],
            types.GroupBy(t => t).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Count())));
    }

    [Fact]
    public async Task A_machine_without_a_good_key_gets_nothing_and_leaves_nothing()
    {
        Peers.Need("curl", "jq");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Bound);
        await using var ear = await RunningEar.StartAsync(limit.Token, "--machines", "awaited");
        using var fleet = new Fleet(ear);

        var (code, error) = await fleet.RunJoinAsync("vm-0", "no-key", Text(ear, "secureUrl"), limit.Token);
        Assert.Equal((1, true), (code, error.Contains("the key is not accepted", StringComparison.Ordinal)));
        (code, error) = await fleet.RunJoinAsync("vm-0", "no-key", "http://ear.example.com", limit.Token);
        Assert.Equal((1, true), (code, error.Contains("must be https", StringComparison.Ordinal)));
        Assert.Empty(Directory.EnumerateFiles(fleet.Folder, "*", SearchOption.AllDirectories));

        // Who started the folder's nodes is remembered with it.
        await ear.KillAsync(limit.Token);
        var (upCode, _, upError) = await EarCommand.RunAsync(["up", "--port", "0", "--data", ear.Folder, "--machines", "started"], Bound);
        Assert.Equal((1, true), (upCode, upError.Contains("Start with --machines awaited", StringComparison.Ordinal)));
    }

    private static string Text(RunningEar ear, string field) => ear.Ready[field]!.GetValue<string>();

    private static JsonObject Cluster() => new()
    {
        ["name"] = "orders",
        ["clusterType"] = "REPLICASET",
        ["replicationSpecs"] = new JsonArray(new JsonObject
        {
            ["regionConfigs"] = new JsonArray(new JsonObject
            {
                ["providerName"] = "AZURE",
                ["regionName"] = "US_EAST_2",
                ["priority"] = 7,
                ["electableSpecs"] = new JsonObject { ["instanceSize"] = "M10", ["nodeCount"] = 3 },
            }),
        }),
    };

    /// <summary>The operator, with a folder for each machine.</summary>
    private sealed class Fleet : IDisposable
    {
        private static readonly string Output = Path.GetDirectoryName(EarCommand.Program)!;
        private readonly List<Process> agents = [];
        private readonly HttpClient http;
        private readonly RunningEar ear;

        public Fleet(RunningEar ear)
        {
            this.ear = ear;
            Folder = Directory.CreateDirectory(Path.Combine(ear.Folder, "fleet")).FullName;
            http = new HttpClient { BaseAddress = new Uri(Text(ear, "baseUrl")) };
            http.DefaultRequestHeaders.Add("x-functions-key", Text(ear, "machinesKey"));
        }

        public string Folder { get; }

        /// <returns>The settings that the agent is started with.</returns>
        public async Task<JsonNode> JoinAsync(string machine, CancellationToken stop)
        {
            var (code, error) = await RunJoinAsync(machine, Text(ear, "machinesKey"), Text(ear, "secureUrl"), stop);
            Assert.True(code == 0, error);
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Folder, machine)))
            {
                if (!OperatingSystem.IsWindows())
                    Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
            return JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, machine, "agent.json"), stop))!;
        }

        public Task<string> TokenAsync(string machine, CancellationToken stop) => File.ReadAllTextAsync(Path.Combine(Folder, machine, "enrolment.token"), stop);

        public async Task<(int Code, string Error)> RunJoinAsync(string machine, string key, string url, CancellationToken stop)
        {
            var start = new ProcessStartInfo("sh", [Path.GetFullPath(Path.Combine(Output, "..", "..", "..", "..", "..", "agent", "install", "ear-join"))])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    ["EAR_URL"] = url, ["EAR_MACHINES_KEY_FILE"] = "-", ["EAR_HOST"] = "127.0.0.1", ["EAR_MACHINE"] = machine, ["EAR_REGION"] = "US_EAST_2", ["EAR_INSTANCE_SIZE"] = "M10",
                    ["EAR_DATA"] = Path.Combine(Folder, machine), ["EAR_PORT"] = "0", ["EAR_MONGOD"] = Path.Combine(Output, "mongod", "Ear.Mongod"), ["CURL_CA_BUNDLE"] = Text(ear, "caFile"),
                },
            };
            using var join = Process.Start(start)!;
            try
            {
                await join.StandardInput.WriteAsync(key);
                join.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended before it read the key: it needs none.
            }
            var output = join.StandardOutput.ReadToEndAsync(stop);
            var error = await join.StandardError.ReadToEndAsync(stop);
            await join.WaitForExitAsync(stop);
            return (join.ExitCode, error + await output);
        }

        public Process StartAgent(string machine)
        {
            var start = new ProcessStartInfo(Path.Combine(Output, "agent", "Ear.Agent"), ["--data", Path.Combine(Folder, machine)])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            // As a machine's own store of authorities: the agent speaks https and is told of none.
            start.Environment["SSL_CERT_FILE"] = Text(ear, "caFile");
            var agent = Process.Start(start)!;
            agent.BeginOutputReadLine();
            agent.BeginErrorReadLine();
            agents.Add(agent);
            return agent;
        }

        public async Task<IReadOnlyList<JsonNode>> ListAsync(string what, CancellationToken stop)
            => [.. JsonNode.Parse(await http.GetStringAsync($"api/operator/v1/{what}", stop))!["results"]!.AsArray().OfType<JsonNode>()];

        public async Task GoneAsync(JsonNode node, CancellationToken stop)
        {
            using var answer = await http.DeleteAsync($"api/operator/v1/groups/{node["projectId"]}/nodes/{node["nodeId"]}/machine", stop);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }

        public void Dispose()
        {
            http.Dispose();
            foreach (var agent in agents)
                agent.Dispose();
            // Whatever a failed story left: agents first in the list of processes, then what they started.
            foreach (var id in EarCommand.ProcessesNaming(Folder))
            {
                try
                {
                    using var left = Process.GetProcessById(id);
                    left.Kill();
                }
                catch (Exception e) when (e is ArgumentException or InvalidOperationException)
                {
                    // It ended while we looked.
                }
            }
        }
    }
}
