using System.Collections.Concurrent;
using System.Threading.Channels;
using Ear.Local.Durable.History;
using Ear.Local.Durable.Orchestrations;
using Ear.Local.Durable.Storage;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Dispatch;

/// <summary>
/// Runs activities that committed turns asked for, so many at once. Its queue is in memory only: after a crash, the histories of unfinished instances
/// (and the <c>detached</c> rows of finished ones) say again which activities are open.
/// </summary>
internal sealed class ActivityDispatcher(
    DurableFunctions functions, Backlog backlog, GroupCommit writer, Action<long, Message> answer, ILogger logger,
    CancellationToken hostStopping, CancellationToken stopping)
{
    private readonly Channel<ActivityWork> _queue = Channel.CreateUnbounded<ActivityWork>();
    private readonly ConcurrentDictionary<(long Key, long Execution, int Step), ActivityWork> _open = new();

    public IEnumerable<Task> Start(int workers) => Enumerable.Range(0, workers).Select(_ => WorkAsync()).ToList();

    /// <summary>Queues an activity unless it is queued, runs, or its answer is not committed yet.</summary>
    public void Dispatch(long key, ActivityCall call)
    {
        var work = new ActivityWork(key, call);
        if (_open.TryAdd(work.Id, work))
            Queue(work);
    }

    /// <summary>Its caller has ended: it still runs, and its row goes when it has.</summary>
    public void Detach(long key, ActivityCall call, long row)
    {
        var work = new ActivityWork(key, call);
        if (_open.TryAdd(work.Id, work))
        {
            work.Detach(row);
            Queue(work);
        }
        else if (_open.TryGetValue(work.Id, out var running) && !running.Detach(row))
        {
            writer.Enqueue(new DeleteDetached(row));
        }

        _open.TryRemove(work.Id, out _);
    }

    /// <summary>The answer is part of the history now, or it is wanted anew because it could not be written.</summary>
    public void Settle(long key, long execution, int step) => _open.TryRemove((key, execution, step), out _);

    private void Queue(ActivityWork work)
    {
        backlog.Add();
        _queue.Writer.TryWrite(work);
    }

    private async Task WorkAsync()
    {
        try
        {
            await foreach (var work in _queue.Reader.ReadAllAsync(stopping))
            {
                backlog.Remove();
                if (await RunAsync(work.Call) is not { } result)
                    return;
                if (work.Finish() is { } row)
                    writer.Enqueue(new DeleteDetached(row));
                else
                    answer(work.Key, result);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nothing to keep: what waits in the queue is found in the histories at the next start.
        }
    }

    /// <returns>Null when the engine stopped under it: it runs again after the restart.</returns>
    private async Task<Message?> RunAsync(ActivityCall call)
    {
        var answered = new Message(MessageKind.Completed) { Execution = call.Execution, TaskId = call.TaskId };
        try
        {
            if (functions.FindActivity(call.Name) is not { } activity)
                return answered with { Kind = MessageKind.Failed, Failure = Failure.Because("ActivityNotFound", $"There is no activity function named '{call.Name}'.") };
            return answered with { Payload = await activity(call, stopping) };
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested || hostStopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            Log.ActivityFailed(logger, call.Name, call.InstanceId, exception.GetType().ToString());
            return answered with { Kind = MessageKind.Failed, Failure = Failure.Of(exception) };
        }
    }

    private sealed class DeleteDetached(long row) : WriteIntent
    {
        public override void Apply(DurableWriter writer) => writer.DeleteDetached(row);

        public override void Committed()
        {
            // Nobody waits for it.
        }

        public override void Failed(Exception exception)
        {
            // The row stays, and the activity runs once more after the next start: at least once.
        }
    }
}
