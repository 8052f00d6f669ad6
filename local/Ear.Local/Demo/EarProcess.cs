using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ear.Local.Demo;

/// <summary>A running <c>ear up</c>, as a process of its own, so that the story can kill it like a power cut would.</summary>
internal sealed class EarProcess : IDisposable
{
    private readonly Process process;

    private EarProcess(Process process, JsonNode ready)
    {
        this.process = process;
        Ready = ready;
    }

    /// <summary>The line that it printed when ready.</summary>
    public JsonNode Ready { get; }

    public Uri BaseUrl => new(Ready["baseUrl"]!.GetValue<string>().TrimEnd('/') + "/");

    public int Id => process.Id;

    public long WorkingSet
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <exception cref="InvalidOperationException">It ended before it was ready; the text holds what it said.</exception>
    public static async Task<EarProcess> StartAsync(string dataDirectory, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Ear.Local.dll"));
        foreach (var argument in new[] { "up", "--json", "--port", "0", "--data", dataDirectory })
            start.ArgumentList.Add(argument);
        var started = Process.Start(start)!;
        var said = new List<string>();
        var log = new StreamWriter(Path.Combine(dataDirectory, "ear.log"), append: true) { AutoFlush = true };
        started.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                log.Dispose();
                return;
            }
            log.WriteLine(line.Data);
            lock (said)
                said.Add(line.Data);
        };
        started.BeginErrorReadLine();
        var ready = await started.StandardOutput.ReadLineAsync(cancellation);
        if (ready is not null)
            return new(started, JsonNode.Parse(ready)!);
        await started.WaitForExitAsync(cancellation);
        lock (said)
            throw new InvalidOperationException($"Ear did not start (exit code {started.ExitCode}): {string.Join('\n', LastWords(said))}");
    }

    /// <summary>Why it ended, where it says so, however long that is; else the end of its log.</summary>
    private static IEnumerable<string> LastWords(List<string> said)
        => said.FindLastIndex(l => l.StartsWith("Ear cannot start", StringComparison.Ordinal)) is var why and >= 0 ? said.Skip(why) : said.TakeLast(20);

    /// <summary>SIGKILL: nothing is told, nothing is cleaned up.</summary>
    public async Task KillAsync(CancellationToken cancellation)
    {
        process.Kill();
        await process.WaitForExitAsync(cancellation);
    }

    public bool HasExited => process.HasExited;

    public void Dispose() => process.Dispose();
}
