using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ear.Benchmarks.Api;

/// <summary><c>ear up</c> as a person starts it, in a process and a folder of its own.</summary>
internal sealed class EarProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly string folder;

    private EarProcess(Process process, string folder, JsonNode ready) => (this.process, this.folder, Ready) = (process, folder, ready);

    /// <summary>The line that it prints when it is ready.</summary>
    public JsonNode Ready { get; }

    public static async Task<EarProcess> StartAsync(string parent)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"ear-api-{Environment.ProcessId}")).FullName;
        var command = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Ear.Local.dll"), "up", "--port", "0", "--json", "--data", folder])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            // The stack is measured, not the limit that protects it.
            Environment = { ["Ear__Http__RequestsPerSecond"] = "0" },
        };
        var process = Process.Start(command)!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("ear up ended before it was ready.");
        return new EarProcess(process, folder, JsonNode.Parse(line)!);
    }

    public TimeSpan Processor()
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
