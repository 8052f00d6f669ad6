namespace Ear.Local.Durable.Dispatch;

/// <summary>
/// Counts what waits for its turn: new instances and queued activities. Above the limit, clients that want to start more wait; what runs already is
/// never held up, or the backlog could not shrink.
/// </summary>
internal sealed class Backlog(int limit, TimeSpan patience, TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _count;
    private TaskCompletionSource? _room;

    public void Add()
    {
        lock (_gate)
            _count++;
    }

    public void Remove()
    {
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            if (--_count < limit)
                (room, _room) = (_room, null);
        }

        room?.SetResult();
    }

    public async ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        while (NextRoom() is { IsCompleted: false } room)
        {
            try
            {
                await room.WaitAsync(patience, time, cancellation);
            }
            catch (TimeoutException exception)
            {
                throw new InvalidOperationException(
                    $"The durable engine has {limit} instances and activities waiting and made no room within {patience}: start fewer at once, or try again later.", exception);
            }
        }
    }

    private Task NextRoom()
    {
        lock (_gate)
        {
            if (_count < limit)
                return Task.CompletedTask;
            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }
}
