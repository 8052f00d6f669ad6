using Ear.Local.Durable.History;
using Microsoft.DurableTask;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>A step that the code awaits and that has not come back.</summary>
internal abstract class OpenTask(DurableAction action)
{
    public DurableAction Action { get; } = action;

    /// <summary>A timer whose token was cancelled: nobody waits for it any more.</summary>
    public abstract bool IsAbandoned { get; }

    public abstract void Complete(string? payload);

    public abstract void Fail(TaskFailureDetails failure);
}

internal sealed class OpenTask<T>(DurableAction action, DataConverter converter) : OpenTask(action)
{
    // Continuations run inside SetResult, on the turn's thread: that is what makes a turn deterministic.
    private readonly TaskCompletionSource<T> _source = new();

    public Task<T> Task => _source.Task;

    public override bool IsAbandoned => _source.Task.IsCompleted;

    public override void Complete(string? payload)
    {
        T? value;
        try
        {
            value = converter.Deserialize<T>(payload);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or NotSupportedException)
        {
            _source.TrySetException(new InvalidOperationException($"The result of {Action} is not a {typeof(T)}: {exception.Message}", exception));
            return;
        }

        _source.TrySetResult(value!);
    }

    public override void Fail(TaskFailureDetails failure) =>
        _source.TrySetException(new TaskFailedException(Action.Name, Action.Id, failure));

    public void CancelWith(CancellationToken token)
    {
        if (token.CanBeCanceled)
            token.UnsafeRegister(static (state, cancelled) => ((TaskCompletionSource<T>)state!).TrySetCanceled(cancelled), _source);
    }
}
