using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary><c>ear up</c> on free ports in a folder of its own, as a process; ended and swept up at the end.</summary>
internal sealed class RunningEar : IAsyncDisposable
{
    private Process process;
    private Task<string> errors;

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

    /// <param name="options">More of the command's options.</param>
    public static Task<RunningEar> StartAsync(CancellationToken stop, params string[] options) => StartAsync(options, [], stop);

    /// <param name="environment">Variables of the command's own.</param>
    public static async Task<RunningEar> StartAsync(string[] options, (string Name, string Value)[] environment, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("ear-end-to-end-").FullName;
        var (process, errors, ready) = await UpAsync(folder, options, environment, stop);
        return new RunningEar(process, errors, folder, ready);
    }

    /// <summary>Ends it without a word to it, and starts it on the same folder and port.</summary>
    public async Task KillAndStartAgainAsync(CancellationToken stop, params string[] options)
    {
        await KillAsync(stop);
        await StartAgainAsync(options, [], stop);
    }

    /// <summary>After a kill: starts it on the same folder and port.</summary>
    public async Task StartAgainAsync(string[] options, (string Name, string Value)[] environment, CancellationToken stop)
        => (process, errors, _) = await UpAsync(Folder, options, environment, stop);

    public async Task KillAsync(CancellationToken stop)
    {
        process.Kill();
        await process.WaitForExitAsync(stop);
    }

    private static async Task<(Process Process, Task<string> Errors, JsonNode Ready)> UpAsync(string folder, string[] options, (string Name, string Value)[] environment, CancellationToken stop)
    {
        var process = EarCommand.Start(["up", "--port", "0", "--data", folder, "--json", .. options], environment);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(stop) ?? throw new InvalidOperationException($"ear up ended: {await errors}");
            return (process, errors, JsonNode.Parse(line)!);
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
