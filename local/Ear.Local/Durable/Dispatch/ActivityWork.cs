namespace Ear.Local.Durable.Dispatch;

/// <summary>One activity on its way.</summary>
internal sealed class ActivityWork(long key, ActivityCall call)
{
    private readonly Lock _gate = new();
    private long? _detachedRow;
    private bool _finished;

    public long Key => key;

    public ActivityCall Call => call;

    public (long Key, long Execution, int Step) Id => (key, call.Execution, call.TaskId);

    /// <summary>False when it had finished before its caller ended.</summary>
    public bool Detach(long row)
    {
        lock (_gate)
        {
            _detachedRow = row;
            return !_finished;
        }
    }

    /// <summary>The row to delete when nobody waits for the answer.</summary>
    public long? Finish()
    {
        lock (_gate)
        {
            _finished = true;
            return _detachedRow;
        }
    }
}
