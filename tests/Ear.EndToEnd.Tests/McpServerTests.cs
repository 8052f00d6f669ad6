using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary>MongoDB's own MCP server (npm), unmodified, with nothing but another base URL.</summary>
public sealed class McpServerTests
{
    private static readonly string Folder = Find();

    [Fact]
    public async Task It_lists_projects_and_clusters_and_creates_a_cluster_that_is_encrypted()
    {
        var missing = Directory.Exists(Path.Combine(Folder, "node_modules")) ? null : "Atlas's clients are not installed (npm ci --prefix tests/atlas-clients).";
        if (missing is not null && Environment.GetEnvironmentVariable("EAR_REQUIRE_PEERS") == "1")
            Assert.Fail(missing);
        Assert.SkipWhen(missing is not null, missing ?? "");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        await using var ear = await RunningEar.StartAsync(limit.Token);
        using var google = await GoogleAdmin.SignInAsync(ear.Ready["kms"]!["google"]!, limit.Token);
        var key = await google.CreateAsync("ring", "orders", limit.Token);
        await ear.Api.SendAsync(HttpMethod.Patch, "encryptionAtRest", new JsonObject
        {
            ["googleCloudKms"] = new JsonObject
            {
                ["enabled"] = true,
                ["keyVersionResourceID"] = key,
                ["serviceAccountKey"] = await File.ReadAllTextAsync(ear.Ready["kms"]!["google"]!["serviceAccountKeyFile"]!.GetValue<string>(), limit.Token),
            },
        }, limit.Token);

        var (code, said) = await PlayAsync(ear.Ready, limit.Token);

        Assert.True(code == 0 && said.Contains("mcp.mjs: held", StringComparison.Ordinal), said);
        var cluster = await ear.Api.SendAsync(HttpMethod.Get, "clusters/from-mcp", null, limit.Token);
        Assert.Equal("GCP", cluster["encryptionAtRestProvider"]!.GetValue<string>());
        Assert.Equal(3, EarCommand.CommandLinesNaming(ear.Folder).Count(a => a.Contains("--enableEncryption") && a.Contains("--replSet")));
    }

    private static async Task<(int Code, string Said)> PlayAsync(JsonNode ready, CancellationToken stop)
    {
        var start = new ProcessStartInfo("node", ["mcp.mjs"])
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var running = Process.Start(start)!;
        var output = running.StandardOutput.ReadToEndAsync(stop);
        var error = running.StandardError.ReadToEndAsync(stop);
        try
        {
            await running.StandardInput.WriteAsync(ready.ToJsonString().AsMemory(), stop);
            running.StandardInput.Close();
            await running.WaitForExitAsync(stop);
            return (running.ExitCode, await output + await error);
        }
        finally
        {
            if (!running.HasExited)
                running.Kill(entireProcessTree: true);
        }
    }

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "tests", "atlas-clients", "package.json")))
                return Path.Combine(at.FullName, "tests", "atlas-clients");
        }
        throw new InvalidOperationException("tests/atlas-clients is not above this test program.");
    }
}
