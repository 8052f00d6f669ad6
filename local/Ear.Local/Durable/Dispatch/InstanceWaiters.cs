using Ear.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Dispatch;

/// <summary>Clients that wait for an instance to start or to end.</summary>
internal sealed class InstanceWaiters
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Waiter>> _waiters = [];

    public Waiter Add(string instanceId, bool forEnd)
    {
        var waiter = new Waiter(instanceId, forEnd);
        lock (_gate)
        {
            if (!_waiters.TryGetValue(instanceId, out var line))
                _waiters.Add(instanceId, line = []);
            line.Add(waiter);
        }

        return waiter;
    }

    public void Remove(Waiter waiter)
    {
        lock (_gate)
        {
            if (_waiters.TryGetValue(waiter.InstanceId, out var line) && line.Remove(waiter) && line.Count == 0)
                _waiters.Remove(waiter.InstanceId);
        }
    }

    /// <summary>Tells what an instance has come to; committed already.</summary>
    public void Tell(InstanceRow row)
    {
        lock (_gate)
        {
            if (!_waiters.TryGetValue(row.Id, out var line))
                return;
            foreach (var waiter in line)
                waiter.Hear(row);
        }
    }

    internal sealed class Waiter(string instanceId, bool forEnd)
    {
        private readonly TaskCompletionSource<InstanceRow> _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string InstanceId => instanceId;

        public Task<InstanceRow> Heard => _heard.Task;

        public void Hear(InstanceRow row)
        {
            if (forEnd ? row.IsFinished : row.Status != OrchestrationRuntimeStatus.Pending)
                _heard.TrySetResult(row);
        }

        public void Abandon(Exception why) => _heard.TrySetException(why);
    }

    /// <summary>The engine is gone: nobody will ever be told.</summary>
    public void AbandonAll(Exception why)
    {
        lock (_gate)
        {
            foreach (var waiter in _waiters.Values.SelectMany(line => line))
                waiter.Abandon(why);
        }
    }
}
