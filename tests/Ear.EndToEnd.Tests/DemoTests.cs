using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary>The whole story on real processes, exactly as a person runs it.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_plays_its_ten_steps_and_every_check_holds()
    {
        var (code, output, error) = await EarCommand.RunAsync(["demo", "--json"], TimeSpan.FromMinutes(6));

        var story = JsonNode.Parse(output)!;
        var failed = story["steps"]!.AsArray()
            .SelectMany(s => s!["checks"]!.AsArray().Select(c => (Step: s["name"]!.GetValue<string>(), Check: c!)))
            .Where(c => !c.Check["held"]!.GetValue<bool>())
            .Select(c => $"{c.Step}: {c.Check["name"]}: {c.Check["seen"]}")
            .ToArray();
        Assert.True(failed.Length == 0, $"{string.Join('\n', failed)}\n{error}");
        Assert.Equal(10, story["steps"]!.AsArray().Count);
        Assert.Equal(0, story["failed"]!.GetValue<int>());
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task An_interrupted_demo_leaves_no_process_and_no_folder_behind()
    {
        using var demo = EarCommand.Start(["demo"]);
        var folder = "";
        var line = "";
        // The second step's first check tells that Ear and its folder exist.
        while (!line.Contains("opens the project", StringComparison.Ordinal))
            line = await demo.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("The demo ended early.");
        folder = EarCommand.DataFolderOf(demo);

        EarCommand.Interrupt(demo);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(130, demo.ExitCode);
        Assert.False(Directory.Exists(folder), folder);
        Assert.Empty(EarCommand.ProcessesNaming(folder));
    }
}
