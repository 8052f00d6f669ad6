using Ear.Local.Durable.Dispatch;
using Ear.Local.Durable.History;
using Ear.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Client;

/// <summary>Creates an instance unless one of its id runs or is in a status that forbids it.</summary>
/// <remarks>The result is the status of the instance that was in the way, or null.</remarks>
internal sealed class CreateInstance(
    string id, string name, string? input, long now, long? startAt, IReadOnlyCollection<OrchestrationRuntimeStatus> dedupe, InstanceTable table)
    : WriteIntent<OrchestrationRuntimeStatus?>
{
    private long _key;
    private OrchestrationRuntimeStatus? _inTheWay;

    public override void Apply(DurableWriter writer)
    {
        var existing = writer.Find(id);
        _inTheWay = existing is { } found && (!InstanceRow.IsEnd(found.Status) || dedupe.Contains(found.Status)) ? found.Status : null;
        if (_inTheWay is not null)
            return;
        if (existing is not null)
            writer.DeleteInstance(existing.Value.Key);
        _key = writer.InsertInstance(id, name, input, now, startAt, parent: null);
    }

    public override void Committed()
    {
        if (_inTheWay is null)
            table.AddNew(_key, startAt > now ? startAt : null);
        base.Committed();
    }

    protected override OrchestrationRuntimeStatus? Result() => _inTheWay;
}

/// <summary>Keeps a message for an unfinished instance and tells it. The result says whether there was one.</summary>
internal sealed class SendMessage(string id, Message message, InstanceTable table) : WriteIntent<bool>
{
    private long? _key;

    public override void Apply(DurableWriter writer)
    {
        _key = writer.Find(id) is { } found && !InstanceRow.IsEnd(found.Status) ? found.Key : null;
        if (_key is { } key)
            message.RowId = writer.InsertMessage(key, message);
    }

    public override void Committed()
    {
        if (_key is { } key)
            table.Tell(key, message);
        base.Committed();
    }

    protected override bool Result() => _key is not null;
}

/// <summary>Removes finished instances. The result is how many.</summary>
internal sealed class PurgeInstances(IReadOnlyList<string> ids, bool recursive) : WriteIntent<int>
{
    private int _purged;

    public override void Apply(DurableWriter writer)
    {
        _purged = 0;
        var queue = new Queue<string>(ids);
        while (queue.TryDequeue(out var id))
        {
            if (writer.FindPurgeable(id) is not { } key)
                continue;
            if (recursive)
                writer.Children(key).ForEach(queue.Enqueue);
            writer.DeleteInstance(key);
            _purged++;
        }
    }

    protected override int Result() => _purged;
}
