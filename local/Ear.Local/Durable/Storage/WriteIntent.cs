namespace Ear.Local.Durable.Storage;

/// <summary>
/// Something to be written as a whole. Many are committed together, in the order in which they were handed over. <see cref="Apply"/> may run twice
/// (when another intent of its group fails), so it starts its own results anew.
/// </summary>
internal abstract class WriteIntent
{
    public abstract void Apply(DurableWriter writer);

    /// <summary>It is on disk. Runs on the writer's thread in commit order: must be quick and must not throw.</summary>
    public abstract void Committed();

    /// <summary>Nothing of it was written – or, when the engine was killed, nobody knows.</summary>
    public abstract void Failed(Exception exception);
}

/// <summary>An intent that somebody awaits.</summary>
internal abstract class WriteIntent<T> : WriteIntent
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Done => _done.Task;

    public override void Committed() => _done.TrySetResult(Result());

    public override void Failed(Exception exception) => _done.TrySetException(exception);

    protected abstract T Result();
}
