using Ear.Local.Durable.History;
using Microsoft.DurableTask;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>Numbers the steps that the code decides, compares them with the history in a replay, and holds those that are still open.</summary>
internal sealed class StepLedger(InstanceIdentity instance, DataConverter converter)
{
    private readonly Dictionary<int, OpenTask> _open = [];
    private List<DurableAction> _decided = [];
    private IReadOnlyList<DurableAction>? _recorded;
    private int _position;
    private int _lastId;

    public IReadOnlyCollection<OpenTask> Open => _open.Values;

    /// <summary>Set once the code decided something else than its history.</summary>
    public OrchestrationBroken? Broken { get; private set; }

    /// <summary>What the history says this turn decided; null for a turn that has not happened yet.</summary>
    public void BeginTurn(IReadOnlyList<DurableAction>? recorded)
    {
        _recorded = recorded;
        _position = 0;
        _decided = [];
    }

    /// <summary>What the turn decided. In a replay, all that was recorded must have been decided again.</summary>
    public IReadOnlyList<DurableAction> EndTurn()
    {
        if (_recorded is not null && _position < _recorded.Count)
            Break(_recorded[_position].Id, _recorded[_position].ToString(), "nothing more in this turn");
        return _decided;
    }

    /// <summary>The code of a replay ended where the history goes on.</summary>
    public void EndedEarly() => Break(_lastId + 1, "that the code went on", "the end of the code");

    public Task<T> Await<T>(DurableAction step, CancellationToken cancellation = default)
    {
        var task = new OpenTask<T>(Record(step), converter);
        _open.Add(task.Action.Id, task);
        task.CancelWith(cancellation);
        return task.Task;
    }

    public void Send(DurableAction step) => Record(step);

    public int NextId() => ++_lastId;

    public OpenTask? Close(int id) => _open.Remove(id, out var task) ? task : null;

    private DurableAction Record(DurableAction step)
    {
        if (_recorded is null)
        {
            _decided.Add(step);
            return step;
        }

        var recorded = _position < _recorded.Count ? _recorded[_position] : null;
        if (recorded is null || recorded.Id != step.Id || !recorded.IsSameStepAs(step))
            throw Break(step.Id, recorded?.ToString() ?? "nothing more in this turn", step.ToString());

        // What was recorded counts: its time and its sub-orchestration's id are those that others already know.
        _position++;
        return recorded;
    }

    private OrchestrationBroken Break(int step, string recorded, string found) =>
        Broken ??= new NonDeterministicOrchestrationException(instance.Name, instance.Id, step, recorded, found);
}
