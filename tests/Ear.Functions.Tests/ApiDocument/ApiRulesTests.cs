using System.Diagnostics;

namespace Ear.Functions.Tests.ApiDocument;

/// <summary>MongoDB's own rules for its HTTP APIs, by MongoDB's own tool (tests/api-rules).</summary>
public sealed class ApiRulesTests
{
    private static readonly string[] Kinds = ["atlas", "compatibility", "own"];
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task The_document_keeps_MongoDBs_API_rules_but_for_the_exceptions_with_a_reason()
    {
        var folder = Path.Combine(Root(), "tests", "api-rules");
        var missing = Missing(folder);
        if (missing is not null && Environment.GetEnvironmentVariable("EAR_REQUIRE_PEERS") == "1")
            Assert.Fail(missing);
        Assert.SkipWhen(missing is not null, missing ?? "");
        var file = Path.Combine(Directory.CreateTempSubdirectory("ear-api-").FullName, "openapi.json");
        try
        {
            await File.WriteAllTextAsync(file, OpenApi.Own.Document.ToJsonString(), TestContext.Current.CancellationToken);

            var (code, said) = await RunAsync(folder, file);

            Assert.True(code == 0 && said.Contains("api-rules: held", StringComparison.Ordinal), string.Join('\n', said.Split('\n').Where(l => !Kinds.Any(kind => l.StartsWith($"{kind}: ", StringComparison.Ordinal)))));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static async Task<(int Code, string Said)> RunAsync(string folder, string file)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Bound);
        // The places in Atlas's own document are taken as they were recorded: to look them up again takes minutes.
        var start = new ProcessStartInfo("node", ["check.mjs", file, "--atlas", "none"]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var running = Process.Start(start)!;
        try
        {
            var output = running.StandardOutput.ReadToEndAsync(limit.Token);
            var error = running.StandardError.ReadToEndAsync(limit.Token);
            await running.WaitForExitAsync(limit.Token);
            return (running.ExitCode, await output + await error);
        }
        finally
        {
            if (!running.HasExited)
                running.Kill(entireProcessTree: true);
        }
    }

    private static string? Missing(string folder)
    {
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            return "MongoDB's API rules are not installed (npm ci --prefix tests/api-rules).";
        return Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, "node"))) ? null : "node is not installed (Debian: apt-get install nodejs npm).";
    }

    private static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Ear.Functions.sln")))
                return at.FullName;
        }
        throw new InvalidOperationException("The repository is not above this test program.");
    }
}
