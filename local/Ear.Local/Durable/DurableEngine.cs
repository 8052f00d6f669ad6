using Ear.Local.Durable.Client;
using Ear.Local.Durable.Dispatch;
using Ear.Local.Durable.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable;

/// <summary>
/// Durable orchestrations on one SQLite file: <see cref="RunAsync"/> takes up whatever is unfinished in it, <see cref="Client"/> starts and watches more.
/// Everything that a turn decides is one commit, the commits of many instances share one sync, and running code stays in memory between its turns.
/// </summary>
internal sealed class DurableEngine : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger;
    private readonly FileStream _ownership;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _dead = new();
    private readonly TaskCompletionSource<Exception> _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DurableReaders _readers;
    private readonly GroupCommit _writer;
    private readonly InstanceWaiters _waiters = new();
    private readonly InstanceTable _table;
    private readonly ActivityDispatcher _activities;
    private readonly DurableOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _hostStopping;
    private List<Task> _turns = [];
    private List<Task> _running = [];
    private bool _disposed;

    private DurableEngine(DurableOptions options, DurableFunctions functions, TimeProvider time, ILoggerFactory loggers, FileStream ownership)
    {
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<DurableEngine>();
        _ownership = ownership;
        var backlog = new Backlog(options.MaxBacklog, options.AdmissionTimeout, time);
        _writer = new GroupCommit(new DurableWriter(options.File), options.CommitHook, Die, _logger);
        _readers = new DurableReaders(options.File);
        _table = new InstanceTable(options, functions, _readers, backlog, _waiters, time, loggers, _dead.Token);
        _activities = new ActivityDispatcher(
            functions, backlog, _writer, (key, answer) => _table.Tell(key, answer), loggers.CreateLogger<ActivityDispatcher>(),
            options.HostStopping, _stopping.Token);
        _table.Connect(_writer, _activities);
        _hostStopping = options.HostStopping.UnsafeRegister(static engine => ((DurableEngine)engine!).BeginStop(), this);
        Client = new LocalDurableTaskClient(options.HubName, functions, new(_writer, _readers, _table, _waiters, backlog, time, _logger));
    }

    /// <summary>For everybody; lives as long as the engine.</summary>
    public DurableTaskClient Client { get; }

    /// <summary>Ends, with the reason, when the engine can write no more: the process should then end and be started anew.</summary>
    public Task<Exception> Died => _died.Task;

    /// <summary>Opens the file. Clients may write to it at once; nothing runs before <see cref="RunAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">Another engine owns the file, or a setting is out of bounds.</exception>
    public static DurableEngine Open(DurableOptions options, DurableFunctions functions, TimeProvider time, ILoggerFactory loggers)
    {
        var ownership = Own(options.Validate().File);
        try
        {
            return new DurableEngine(options, functions, time, loggers, ownership);
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    /// <summary>Opens the file and runs what is in it.</summary>
    /// <inheritdoc cref="Open"/>
    public static async Task<DurableEngine> StartAsync(
        DurableOptions options, DurableFunctions functions, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellation = default)
    {
        var engine = Open(options, functions, time, loggers);
        await engine.RunAsync(cancellation);
        return engine;
    }

    /// <summary>Takes up everything that is unfinished.</summary>
    public async Task RunAsync(CancellationToken cancellation = default)
    {
        _turns = [.. _table.Start()];
        _running = [.. _activities.Start(_options.MaxConcurrentActivities)];
        var unfinished = new List<UnfinishedInstance>();
        await _readers.ReadAsync(
            reader =>
            {
                reader.ReadUnfinished(unfinished.Add);
                return true;
            },
            cancellation);
        var detached = await _readers.ReadAsync(reader => reader.ReadDetached(), cancellation);

        var now = _time.GetUtcNow().UtcTicks;
        foreach (var instance in unfinished)
        {
            if (instance.WakeAt is { } due)
                _table.Timers.Set(instance.Key, due, due - now);
            if (instance.HasWork)
                _table.Tell(instance.Key, message: null);
        }

        // Their own keys, negative, cannot meet those of instances.
        foreach (var (row, call) in detached)
            _activities.Detach(-row, call, row);
        Log.Started(_logger, _options.File, unfinished.Count, detached.Count);
    }

    /// <summary>Starts no more activities and cancels those that run: they run again after the next start.</summary>
    public void BeginStop()
    {
        if (!_disposed)
            _stopping.Cancel();
    }

    /// <summary>Lets running activities end and writes what they answered, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        BeginStop();
        _disposed = true;
        await _hostStopping.DisposeAsync();

        // An activity that ignores its cancellation may not hold up the stop for ever: its answer will find nobody, and it runs again.
        await Task.WhenAny(Task.WhenAll(_running), Task.Delay(Patience, TimeProvider.System));
        _table.BeginStop();
        await Task.WhenAll(_turns);
        _writer.Dispose();
        _table.Dispose();
        _waiters.AbandonAll(new ObjectDisposedException(nameof(DurableEngine), "The durable engine has stopped."));
        _readers.Dispose();
        await _ownership.DisposeAsync();
        _stopping.Dispose();
        _dead.Dispose();
        Log.Stopped(_logger);
    }

    private static FileStream Own(string file)
    {
        var path = file + ".lock";
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException($"'{file}' is used by another durable engine, or its folder cannot be written: stop the other process, or use another data folder.", exception);
        }
    }

    private void Die(Exception why)
    {
        _dead.Cancel();
        _stopping.Cancel();
        _waiters.AbandonAll(why);
        _died.TrySetResult(why);
    }
}
