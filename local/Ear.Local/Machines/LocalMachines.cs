using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Ear.Nodes;
using Ear.Projects;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Machines;

/// <summary>
/// Machines on this machine: a folder and an agent process a node, under <c>nodes/{nodeId}</c> of the data folder. The agent starts
/// mongod and outlives neither a clean stop nor its folder. When Ear dies, agents and mongod go on; the next start adopts them.
/// </summary>
internal sealed class LocalMachines(LocalMachinesOptions options, TimeProvider time, ILogger<LocalMachines> log) : IMachines, IHostedService, IAsyncDisposable
{
    public const string Folder = "nodes";
    public const string AgentPidFile = "agent.pid";
    public const string MongodPidFile = "mongod.pid";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, DateTimeOffset> notBefore = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim gate = new(1);
    private readonly CancellationTokenSource stopping = new();
    private Task supervising = Task.CompletedTask;
    private int disposed;

    private string Root => Path.Combine(options.DataDirectory, Folder);

    public async Task ProvideAsync(MachineRequest request, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            var folder = Path.Combine(Root, request.NodeId.Value);
            var settings = Path.Combine(folder, AgentSettingsFile.Name);
            if (!File.Exists(settings))
            {
                Directory.CreateDirectory(folder);
                AgentSettingsFile.Write(folder, options, request);
            }
            StartAgent(folder);
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task ReleaseAsync(ProjectId project, NodeId node, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            var folder = Path.Combine(Root, node.Value);
            if (!Directory.Exists(folder))
                return;
            await Processes.StopAsync([Path.Combine(folder, AgentPidFile)], StopBound, time, cancellation);
            await Processes.StopAsync([Path.Combine(folder, MongodPidFile)], StopBound, time, cancellation);
            Directory.Delete(folder, recursive: true);
        }
        finally
        {
            gate.Release();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Root);
        foreach (var folder in Directory.GetDirectories(Root).Where(f => File.Exists(Path.Combine(f, AgentSettingsFile.Name))))
            AgentSettingsFile.PointTo(folder, options);
        supervising = SuperviseAsync(stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>
    /// A clean stop takes everything down: agents first, so that none restarts its mongod. It has bounds of its own and is not cut short by the
    /// host's: what is left half-way would go on without an Ear.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await supervising;
        var folders = Directory.GetDirectories(Root);
        await Processes.StopAsync(folders.Select(f => Path.Combine(f, AgentPidFile)), StopBound, time, CancellationToken.None);
        await Processes.StopAsync(folders.Select(f => Path.Combine(f, MongodPidFile)), StopBound, time, CancellationToken.None);
    }

    /// <summary>Kills every process of a data folder: what is left of a story that was interrupted.</summary>
    public static void KillAll(string dataDirectory)
    {
        var root = Path.Combine(dataDirectory, Folder);
        string[] pids = Directory.Exists(root)
            ? [.. Directory.GetDirectories(root).Select(f => Path.Combine(f, AgentPidFile)), .. Directory.GetDirectories(root).Select(f => Path.Combine(f, MongodPidFile))]
            : [];
        // The host first: it would start its agents again.
        foreach (var file in pids.Prepend(Path.Combine(dataDirectory, DataFolder.HostPidFile)))
            Processes.Kill(file);
    }

    // The container disposes it once for each port that it was registered under.
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
            return;
        await stopping.CancelAsync();
        await supervising;
        stopping.Dispose();
        gate.Dispose();
    }

    // Bounded by the host's life: once a second, every folder without a living agent gets one.
    private async Task SuperviseAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await gate.WaitAsync(cancellation);
                try
                {
                    foreach (var folder in Directory.GetDirectories(Root).Where(f => File.Exists(Path.Combine(f, AgentSettingsFile.Name))))
                        StartAgent(folder);
                }
                finally
                {
                    gate.Release();
                }
                await Task.Delay(Look, time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private void StartAgent(string folder)
    {
        var pidFile = Path.Combine(folder, AgentPidFile);
        using (var running = PidFile.Open(pidFile))
        {
            if (running is not null || (notBefore.TryGetValue(folder, out var wait) && time.GetUtcNow() < wait))
                return;
        }
        notBefore[folder] = time.GetUtcNow() + TimeSpan.FromSeconds(3);
        using var agent = Process.Start(AgentProcess.StartInfo(folder))
            ?? throw new InvalidOperationException("The agent process did not start.");
        PidFile.Write(pidFile, agent);
        Log.AgentStarted(log, Path.GetFileName(folder), agent.Id);
    }
}

/// <param name="ControlPlane">Where the agents find Ear.</param>
internal sealed record LocalMachinesOptions(string DataDirectory, Uri ControlPlane, MongodBinary Mongod);
