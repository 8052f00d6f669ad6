using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary><c>ear up</c> on free ports in a folder of its own, as a process; ended and swept up at the end.</summary>
internal sealed class RunningEar : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;

    private RunningEar(Process process, Task<string> errors, string folder, JsonNode ready)
    {
        this.process = process;
        this.errors = errors;
        Folder = folder;
        Ready = ready;
        Api = new OwnerApi(ready, folder);
    }

    public string Folder { get; }

    /// <summary>The line that it prints when it is ready.</summary>
    public JsonNode Ready { get; }

    public OwnerApi Api { get; }

    public static async Task<RunningEar> StartAsync(CancellationToken stop, params (string Name, string Value)[] environment)
    {
        var folder = Directory.CreateTempSubdirectory("ear-end-to-end-").FullName;
        var process = EarCommand.Start(["up", "--port", "0", "--data", folder, "--json"], environment);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(stop) ?? throw new InvalidOperationException($"ear up ended: {await errors}");
            return new RunningEar(process, errors, folder, JsonNode.Parse(line)!);
        }
        catch (Exception)
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>What it logged, once it has ended.</summary>
    public Task<string> ErrorsAsync() => errors;

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (!process.HasExited)
            EarCommand.Terminate(process);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(bound.Token);
        process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
