using Ear.Local.Durable.History;

namespace Ear.Local.Durable.Dispatch;

/// <summary>
/// An instance with something in memory: what it was told and has not taken, and between two turns its running code. At most one turn of it runs at a time.
/// </summary>
internal sealed class LiveInstance(long key)
{
    private readonly Lock _gate = new();
    private List<Message> _inbox = [];
    private Phase _phase = Phase.Idle;
    private bool _again;
    private long _wake;
    private long _loadedUpTo;

    private enum Phase
    {
        Idle,
        Queued,
        Working,
        Gone,
    }

    public long Key => key;

    /// <summary>Its code; null until it is loaded. Touched only while it works.</summary>
    public LoadedInstance? Loaded { get; set; }

    /// <summary>Whether it is new and counted among those that wait for their first turn.</summary>
    public bool InBacklog { get; set; }

    /// <summary>Turns in a row that could not be carried out.</summary>
    public int Failures { get; set; }

    /// <summary>Order of last use among all instances, for eviction.</summary>
    public long LastUsed { get; set; }

    /// <summary>Tells it something, or only that it should look.</summary>
    /// <returns>Null when it is gone; otherwise whether it must be queued.</returns>
    public bool? Tell(Message? message, long wake)
    {
        lock (_gate)
        {
            if (_phase == Phase.Gone)
                return null;
            if (message is not null && (message.RowId == 0 || message.RowId > _loadedUpTo))
                _inbox.Add(message);
            _wake = Math.Max(_wake, wake);
            if (_phase == Phase.Idle)
            {
                _phase = Phase.Queued;
                return true;
            }

            _again = true;
            return false;
        }
    }

    public void Begin()
    {
        lock (_gate)
        {
            _phase = Phase.Working;
            _again = false;
        }
    }

    /// <summary>Merges what the file kept with what was told meanwhile: the file's rows first, none twice.</summary>
    public void Merge(IReadOnlyList<Message> kept)
    {
        lock (_gate)
        {
            var last = kept.Count == 0 ? 0 : kept[^1].RowId;
            _loadedUpTo = Math.Max(_loadedUpTo, last);
            _inbox = [.. kept, .. _inbox.Where(message => message.RowId == 0 || message.RowId > last)];
        }
    }

    /// <summary>Takes all that it was told, and the latest time at which a timer of it was due (UTC ticks, 0: none).</summary>
    public (List<Message> Told, long Wake) TakeInbox()
    {
        lock (_gate)
        {
            var taken = (_inbox, _wake);
            (_inbox, _wake) = ([], 0);
            return taken;
        }
    }

    /// <summary>Puts messages before all others, and asks for another turn.</summary>
    public void PutInFront(IReadOnlyList<Message> messages)
    {
        lock (_gate)
        {
            _inbox.InsertRange(0, messages);
            _again = true;
        }
    }

    /// <summary>The turn is over.</summary>
    /// <returns>Whether it must be queued again.</returns>
    public bool End()
    {
        lock (_gate)
        {
            _phase = _again ? Phase.Queued : Phase.Idle;
            return _again;
        }
    }

    /// <summary>The instance has ended: nothing can be told to it any more.</summary>
    public void Leave()
    {
        lock (_gate)
            _phase = Phase.Gone;
        Loaded = null;
    }

    /// <summary>Leaves memory if it neither works nor was told anything.</summary>
    public bool TryLeave()
    {
        lock (_gate)
        {
            if (_phase != Phase.Idle || _inbox.Count > 0)
                return false;
            _phase = Phase.Gone;
        }

        Loaded = null;
        return true;
    }
}
