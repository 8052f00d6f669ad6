using System.Runtime.InteropServices;
using Ear.Mongod.Commands;
using Ear.Mongod.Encryption;
using Ear.Mongod.Logging;
using Ear.Mongod.Options;
using Ear.Mongod.Replication;
using Ear.Mongod.Storage;
using Ear.Mongod.Wire;

namespace Ear.Mongod;

/// <summary>One run of the server, from an opened dbPath to its end.</summary>
internal sealed class Server(MongodOptions options, TimeProvider time, ServerLog log)
{
    public async Task<ExitCode> RunAsync(CancellationToken ct)
    {
        log.Info("CONTROL", 4615611, "MongoDB starting (Ear's stand-in, not a real mongod)", ("pid", Environment.ProcessId), ("port", options.Port), ("dbPath", options.DbPath));
        using var directory = DataDirectory.Open(options.DbPath);
        var masterKeys = new MasterKeys(options, time, log);
        using var keystore = await masterKeys.OpenAsync(directory, ct);
        var diskFailed = new Action<Exception>(DiskFailed);
        using var engine = new StorageEngine(options.DbPath, keystore, (long)(options.OplogSizeMb * (1 << 20)), time, log, diskFailed);
        var set = options.ReplSet is { } name
            ? new ReplicaSet(name, options.Port, options.DbPath, keystore?.For(Keystore.DefaultKey) ?? new PlainRecords(), engine, time, log)
            : null;
        var node = new Node(options, engine, directory, set, time, log);
        var replicator = set is null ? null : new Replicator(set, log);
        var (dispatcher, admin, shutdown) = Commands(node, replicator);
        await using var server = new WireServer(dispatcher, log);
        server.Start(options);
        admin.Server = server;
        if (options.PidFilePath is not null) await File.WriteAllTextAsync(options.PidFilePath, $"{Environment.ProcessId}\n", ct);
        log.Info("NETWORK", 23016, "Waiting for connections", ("port", server.Port), ("ssl", "off"));
        return await ServeAsync(node, replicator, shutdown, masterKeys, ct);
    }

    private (CommandDispatcher, AdminCommands, ShutdownCommand) Commands(Node node, Replicator? replicator)
    {
        var commands = new CommandDispatcher(log);
        var cursors = new Cursors(time);
        var admin = new AdminCommands(node, cursors);
        var shutdown = new ShutdownCommand(node, replicator, log);
        new HelloCommands(node).AddTo(commands);
        new ReadCommands(node, cursors).AddTo(commands);
        new WriteCommands(node).AddTo(commands);
        new CatalogCommands(node, cursors).AddTo(commands);
        admin.AddTo(commands);
        shutdown.AddTo(commands);
        if (replicator is null) ReplicationCommands.AddRefusalsTo(commands);
        else new ReplicationCommands(node, replicator).AddTo(commands);
        return (commands, admin, shutdown);
    }

    private async Task<ExitCode> ServeAsync(Node node, Replicator? replicator, ShutdownCommand shutdown, MasterKeys masterKeys, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var term = OnSignal(PosixSignal.SIGTERM, shutdown, stop.Token);
        using var interrupt = OnSignal(PosixSignal.SIGINT, shutdown, stop.Token);
        var loops = new List<Task> { node.Engine.KeepCheckpointedAsync(stop.Token) };
        loops.AddRange(replicator?.Run(stop.Token) ?? []);
        if (options.Kmip is { ServerNames.Count: > 0, ActivateKeys: true, KeyStatePollingSeconds: >= 0 } kmip)
            loops.Add(WatchKeyAsync(node, new KeyStateMonitor(masterKeys.Kmip, node.Storage.MasterKeyId!, TimeSpan.FromSeconds(Math.Max(1, kmip.KeyStatePollingSeconds)), time, log), stop.Token));
        // A loop ends by itself only when it fails: then the process must not look alive.
        var failed = Task.WhenAny(loops);
        if (await Task.WhenAny(node.Ended, failed) == failed && !node.Ended.IsCompleted && await failed is { IsFaulted: true } broken) await broken;
        var code = await node.Ended;
        await stop.CancelAsync();
        await EndedAsync(loops);
        await node.Engine.CheckpointAsync(ct);
        log.Info("CONTROL", 20565, "Now exiting");
        log.Info("CONTROL", 23138, "Shutting down", ("exitCode", (int)code));
        return code;
    }

    private static async Task WatchKeyAsync(Node node, KeyStateMonitor monitor, CancellationToken ct)
    {
        await monitor.WatchAsync(ct);
        node.End(ExitCode.PerconaDataAtRestEncryptionError);
    }

    private static async Task EndedAsync(IEnumerable<Task> loops)
    {
        foreach (var loop in loops)
        {
            try
            {
                await loop;
            }
            catch (OperationCanceledException)
            {
                // This is how every loop is told to end.
            }
        }
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, ShutdownCommand shutdown, CancellationToken ct) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _ = shutdown.BySignalAsync(signal.ToString(), ct);
    });

    /// <summary>What was acknowledged may not be on disk: like mongod, end at once instead of guessing.</summary>
    private void DiskFailed(Exception e)
    {
        log.Fatal("STORAGE", 50853, "The journal cannot be written; ending", ("error", e.Message));
        Environment.Exit((int)ExitCode.Abrupt);
    }
}
