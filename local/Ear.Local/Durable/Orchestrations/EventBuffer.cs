using Microsoft.DurableTask;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>External events and those who wait for them: names without regard to case, first come first served on both sides.</summary>
internal sealed class EventBuffer(DataConverter converter)
{
    private readonly LinkedList<(string Name, string? Payload)> _unclaimed = [];
    private readonly LinkedList<Waiter> _waiters = [];

    public bool HasWaiters => _waiters.Count > 0;

    /// <summary>Events that nobody took yet, in the order of their arrival.</summary>
    public IEnumerable<(string Name, string? Payload)> Unclaimed => _unclaimed;

    public Task<T> Wait<T>(string name, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellation);

        var waiter = new Waiter<T>(name, converter);
        for (var node = _unclaimed.First; node is not null; node = node.Next)
        {
            if (!waiter.Wants(node.Value.Name))
                continue;
            _unclaimed.Remove(node);
            waiter.Take(node.Value.Payload);
            return waiter.Task;
        }

        var place = _waiters.AddLast(waiter);
        if (cancellation.CanBeCanceled)
        {
            cancellation.UnsafeRegister(
                (_, cancelled) =>
                {
                    // Out of the line before anyone hears of it: an event must not be given to somebody who has left.
                    if (place.List is not null)
                        _waiters.Remove(place);
                    waiter.Cancel(cancelled);
                },
                state: null);
        }

        return waiter.Task;
    }

    public void Raise(string name, string? payload)
    {
        for (var node = _waiters.First; node is not null; node = node.Next)
        {
            if (!node.Value.Wants(name))
                continue;
            _waiters.Remove(node);
            node.Value.Take(payload);
            return;
        }

        _unclaimed.AddLast((name, payload));
    }

    private abstract class Waiter(string name)
    {
        public bool Wants(string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

        public abstract void Take(string? payload);
    }

    private sealed class Waiter<T>(string name, DataConverter converter) : Waiter(name)
    {
        private readonly TaskCompletionSource<T> _source = new();
        private readonly string _name = name;

        public Task<T> Task => _source.Task;

        public void Cancel(CancellationToken token) => _source.TrySetCanceled(token);

        public override void Take(string? payload)
        {
            T? value;
            try
            {
                value = converter.Deserialize<T>(payload);
            }
            catch (Exception exception) when (exception is System.Text.Json.JsonException or NotSupportedException)
            {
                _source.TrySetException(new InvalidOperationException($"The payload of event '{_name}' is not a {typeof(T)}: {exception.Message}", exception));
                return;
            }

            _source.TrySetResult(value!);
        }
    }
}
