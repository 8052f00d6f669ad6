namespace Ear.Local.Durable.Orchestrations;

/// <summary>
/// Runs an orchestrator's code on one thread, and only inside a turn. A continuation that comes from another thread, or between turns, can only be that
/// of a task which is not durable: it is never run, and <see cref="Strayed"/> says so.
/// </summary>
internal sealed class TurnScheduler(Action strayed) : SynchronizationContext
{
    private const int NoThread = -1;

    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = [];
    private volatile int _thread = NoThread;
    private volatile bool _strayed;

    /// <summary>Whether a task that is not durable came back.</summary>
    public bool Strayed => _strayed;

    public bool InTurn => _thread == Environment.CurrentManagedThreadId;

    public void Enter(Action turn)
    {
        var outer = Current;
        _thread = Environment.CurrentManagedThreadId;
        SetSynchronizationContext(this);
        try
        {
            turn();
        }
        finally
        {
            SetSynchronizationContext(outer);
            _thread = NoThread;
        }
    }

    /// <summary>Runs everything that the last step set free.</summary>
    public void Drain()
    {
        while (_queue.TryDequeue(out var work))
            work.Callback(work.State);
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (InTurn)
        {
            _queue.Enqueue((d, state));
            return;
        }

        _strayed = true;
        strayed();
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!InTurn)
            throw new InvalidOperationException("An orchestrator's code runs only inside its own turn.");
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
