using System.Collections.Concurrent;
using System.Threading.Channels;
using Ear.Local.Durable.History;
using Ear.Local.Durable.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Dispatch;

/// <summary>The instances in memory: routes what they are told, runs their turns, and lets the idle ones go when there are too many.</summary>
internal sealed class InstanceTable(
    DurableOptions options, DurableFunctions functions, DurableReaders readers, Backlog backlog, InstanceWaiters waiters,
    TimeProvider time, ILoggerFactory loggers, CancellationToken dead) : IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<InstanceTable>();
    private readonly ConcurrentDictionary<long, LiveInstance> _live = new();
    private readonly Channel<LiveInstance> _ready = Channel.CreateUnbounded<LiveInstance>();
    private GroupCommit _writer = null!;
    private ActivityDispatcher _activities = null!;
    private readonly TurnRetry _retry = new(time, loggers.CreateLogger<TurnRetry>(), dead);
    private TimerQueue? _timers;
    private int _count;
    private long _uses;
    private long _evictAbove = options.MaxLiveInstances;

    /// <summary>Of each instance the first timer, or the start.</summary>
    public TimerQueue Timers => _timers ?? throw new InvalidOperationException("The table is not connected.");

    public void Connect(GroupCommit writer, ActivityDispatcher activities)
    {
        (_writer, _activities) = (writer, activities);
        _timers = new TimerQueue(time, (key, fireAt) => Tell(key, message: null, fireAt));
    }

    public IEnumerable<Task> Start() => Enumerable.Range(0, options.MaxConcurrentTurns).Select(_ => WorkAsync()).ToList();

    /// <summary>Tells an instance something that is on disk, or an activity's answer; without a message, only to look.</summary>
    /// <param name="wake">Time at which a timer of it was due, UTC ticks.</param>
    public void Tell(long key, Message? message, long wake = 0)
    {
        while (true)
        {
            var live = _live.GetOrAdd(key, static (key, table) => table.Add(key), this);
            switch (live.Tell(message, wake))
            {
                case true:
                    _ready.Writer.TryWrite(live);
                    return;
                case false:
                    return;
                default:
                    Forget(live);
                    break;
            }
        }
    }

    /// <summary>A turn is on disk: now everybody may know. Runs on the writer's thread, in commit order.</summary>
    public void OnCommitted(TurnCommit commit)
    {
        var (live, draft) = (commit.Live, commit.Draft);
        var row = draft.Instance.Row;
        live.Failures = 0;
        foreach (var step in draft.Settled)
            _activities.Settle(row.Key, draft.Execution, step);
        foreach (var call in draft.Start)
            _activities.Dispatch(row.Key, call);
        for (var index = 0; index < draft.Detach.Count; index++)
            _activities.Detach(row.Key, draft.Detach[index], commit.DetachedRows[index]);
        foreach (var key in commit.Created)
            AddNew(key, wakeAt: null);
        foreach (var (key, message) in commit.Delivered)
            Tell(key, message);
        if (draft.LeftPending)
            LeaveBacklog(live);
        waiters.Tell(row);

        if (draft.IsEnd)
        {
            if (draft.Instance.TimerSetFor is not null)
                Timers.Clear(row.Key);
            live.Leave();
            Forget(live);
            return;
        }

        if (draft.Carried is not null)
            live.PutInFront(draft.Carried);
        Release(live);
    }

    /// <summary>A turn was not written: its instance starts again from what is on disk.</summary>
    public void OnFailed(TurnCommit commit, Exception exception)
    {
        foreach (var step in commit.Draft.Settled)
            _activities.Settle(commit.Draft.Instance.Row.Key, commit.Draft.Execution, step);
        PutOff(commit.Live, exception);
    }

    /// <summary>An instance that was just created.</summary>
    public void AddNew(long key, long? wakeAt)
    {
        if (wakeAt is { } due)
        {
            Timers.Set(key, due, due - time.GetUtcNow().UtcTicks);
            return;
        }

        backlog.Add();
        _live.GetOrAdd(key, static (key, table) => table.Add(key), this).InBacklog = true;
        Tell(key, message: null);
    }

    /// <summary>Runs what is ready and no more: its workers end when that is written.</summary>
    public void BeginStop()
    {
        _timers?.Dispose();
        _ready.Writer.TryComplete();
    }

    public void Dispose()
    {
        BeginStop();
        _retry.Dispose();
    }

    private LiveInstance Add(long key)
    {
        Interlocked.Increment(ref _count);
        return new LiveInstance(key);
    }

    private async Task WorkAsync()
    {
        try
        {
            await foreach (var live in _ready.Reader.ReadAllAsync(dead))
                await TurnAsync(live);
        }
        catch (OperationCanceledException) when (dead.IsCancellationRequested)
        {
            // What is not written has not happened: the start takes it up again.
        }
    }

    private async ValueTask TurnAsync(LiveInstance live)
    {
        try
        {
            live.Begin();
            if (live.Loaded is null && !await LoadAsync(live))
            {
                live.Leave();
                Forget(live);
                return;
            }

            var loaded = live.Loaded!;
            var before = loaded.Row.Status;
            var (told, wake) = live.TakeInbox();
            var draft = TurnRunner.Run(loaded, told, time.GetUtcNow().UtcTicks, wake);
            SetTimer(loaded, draft, wake);
            if (draft is null)
            {
                Release(live);
                return;
            }

            draft.Take(before);
            if (draft.State is { Status: OrchestrationRuntimeStatus.Failed, Failure: { } failure })
                Log.OrchestrationFailed(_logger, loaded.Row.Name, loaded.Row.Id, failure.ErrorType);
            _writer.Enqueue(new TurnCommit(live, draft, this, functions));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            PutOff(live, exception);
        }
    }

    private async ValueTask<bool> LoadAsync(LiveInstance live)
    {
        if (await readers.ReadAsync(reader => reader.Load(live.Key), dead) is not { Row.IsFinished: false } stored)
            return false;
        var loaded = LoadedInstance.Replay(stored, functions, loggers, () => Tell(live.Key, message: null));
        live.Merge(stored.Messages);
        var answered = stored.Messages.Where(message => message.Execution == stored.Row.Execution).Select(message => message.TaskId).ToHashSet();
        foreach (var activity in loaded.Code.OpenActivities.Where(activity => !answered.Contains(activity.Id)))
            _activities.Dispatch(live.Key, loaded.CallOf(activity));
        live.Loaded = loaded;
        return true;
    }

    private void SetTimer(LoadedInstance loaded, TurnDraft? draft, long wake)
    {
        var next = draft is null ? TurnRunner.NextWake(loaded) : draft.State.WakeAt;
        if (wake == 0 && next == loaded.TimerSetFor)
            return;
        loaded.TimerSetFor = next;
        if (next is not { } fireAt)
            Timers.Clear(loaded.Row.Key);
        else
            Timers.Set(loaded.Row.Key, fireAt, fireAt - (draft?.Now ?? time.GetUtcNow().UtcTicks));
    }

    private void Release(LiveInstance live)
    {
        live.LastUsed = Interlocked.Increment(ref _uses);
        if (live.End())
            _ready.Writer.TryWrite(live);
        else if (Volatile.Read(ref _count) > Interlocked.Read(ref _evictAbove))
            Evict();
    }

    /// <summary>Lets the longest idle ones go; what they wait for brings them back by a replay.</summary>
    private void Evict()
    {
        var surplus = Volatile.Read(ref _count) - options.MaxLiveInstances + (options.MaxLiveInstances / 10);
        foreach (var live in _live.Values.OrderBy(live => live.LastUsed).Take(surplus))
        {
            if (live.TryLeave())
                Forget(live);
        }

        // Where all are busy, looking again at each turn would only burn time.
        Interlocked.Exchange(ref _evictAbove, Math.Max(options.MaxLiveInstances, Volatile.Read(ref _count)) + (options.MaxLiveInstances / 10));
    }

    private void PutOff(LiveInstance live, Exception exception)
    {
        live.Loaded = null;
        _retry.Later(live, exception, () =>
        {
            live.PutInFront([]);
            Release(live);
        });
    }

    private void Forget(LiveInstance live)
    {
        if (_live.TryRemove(new KeyValuePair<long, LiveInstance>(live.Key, live)))
            Interlocked.Decrement(ref _count);
        LeaveBacklog(live);
    }

    private void LeaveBacklog(LiveInstance live)
    {
        if (live.InBacklog)
            backlog.Remove();
        live.InBacklog = false;
    }
}
