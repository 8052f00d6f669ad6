using System.Diagnostics.CodeAnalysis;

namespace Ear.Local.ServiceBus;

/// <summary>What a receiver may have next: order, locks, sessions and waits of one queue or subscription. Bodies stay on disk.</summary>
/// <remarks>
/// A message is in exactly one of these situations:
/// waiting (scheduled, or abandoned with a delay: in <c>_later</c>); available (in <c>_available</c>, or ready in a session that somebody holds);
/// behind another of its session (in neither); locked (handed out); busy (its lock's end is being written: nobody may touch it); deferred (only asked for by number).
/// Times are ticks of the monotonic clock, so that a wall clock that jumps ends no lock. Not thread-safe: the broker locks around it.
/// </remarks>
internal sealed class MessageQueue(string path)
{
    private readonly Dictionary<long, Entry> _entries = [];
    private readonly SortedSet<long> _available = [];
    private readonly Dictionary<string, Session> _sessions = [];
    private readonly PriorityQueue<Entry, long> _later = new();
    private readonly PriorityQueue<(Entry Entry, Guid Token), long> _locks = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Path { get; } = path;

    public int Count => _entries.Count;

    /// <summary>Ends when something may have become available. Take it before looking.</summary>
    public Task Changed => _changed.Task;

    public Entry? Find(long sequence) => _entries.GetValueOrDefault(sequence);

    public void Add(Entry entry, long now)
    {
        _entries.Add(entry.Sequence, entry);
        if (entry.Deferred)
            return;
        if (entry.NotBefore > now)
            _later.Enqueue(entry, entry.NotBefore);
        else
            Enter(entry);
    }

    /// <summary>The next one, locked; null when there is none now.</summary>
    /// <param name="sessionId">Of this session, or nothing where it is not the holder's any more; null: of any that nobody holds, or of none.</param>
    /// <param name="holder">Who holds its session from now on; empty for a receiver that holds none.</param>
    /// <param name="token">Names the lock.</param>
    /// <param name="lockedUntil">In ticks.</param>
    public Entry? Take(string? sessionId, Guid holder, Guid token, long lockedUntil)
    {
        var entry = sessionId is null ? TakeAny(holder) : TakeOf(sessionId, holder);
        if (entry is not null)
            Lock(entry, token, lockedUntil);
        return entry;
    }

    /// <summary>Gives a session back; nothing where it is not this holder's any more.</summary>
    public void LetGo(string sessionId, Guid holder)
    {
        if (Holds(sessionId, holder, out var session))
            LetGo(sessionId, session);
    }

    public void Lock(Entry entry, Guid token, long lockedUntil)
    {
        entry.Token = token;
        entry.LockedUntil = lockedUntil;
        _locks.Enqueue((entry, token), lockedUntil);
    }

    /// <summary>Not handed out any more, and not to be handed out until the writer says what became of it.</summary>
    public static void MakeBusy(Entry entry) => entry.Token = Guid.Empty;

    /// <summary>Settled for good here: completed, expired, or moved to the dead letters.</summary>
    public void Remove(Entry entry)
    {
        _entries.Remove(entry.Sequence);
        Leave(entry);
    }

    public void Defer(Entry entry)
    {
        entry.Deferred = true;
        MakeBusy(entry);
        Leave(entry);
    }

    /// <summary>Back where it was in the order, at <paramref name="notBefore"/>; a deferred one stays deferred.</summary>
    public void Release(Entry entry, long notBefore, long now)
    {
        MakeBusy(entry);
        if (entry.Deferred)
            return;
        entry.NotBefore = notBefore;
        if (notBefore > now)
        {
            _later.Enqueue(entry, notBefore);
            Pulse(); // whoever waits must learn of the new time
        }
        else
        {
            Enter(entry);
        }
    }

    /// <summary>Lets waits and locks end whose time has come; gives the entries whose lock ended, now busy, for the broker to release or bury.</summary>
    public List<Entry> Advance(long now)
    {
        while (_later.TryPeek(out var entry, out var at) && at <= now)
        {
            _later.Dequeue();
            Enter(entry);
        }

        var ended = new List<Entry>();
        while (_locks.TryPeek(out var held, out var until) && until <= now)
        {
            _locks.Dequeue();
            if (held.Entry.Token != held.Token || held.Token == Guid.Empty)
                continue; // settled since
            if (held.Entry.LockedUntil > now)
            {
                _locks.Enqueue(held, held.Entry.LockedUntil); // renewed since
                continue;
            }

            MakeBusy(held.Entry);
            ended.Add(held.Entry);
            if (held.Entry.SessionId is { } id && _sessions.TryGetValue(id, out var session) && session.Holder != Guid.Empty)
                LetGo(id, session); // who lets a lock run out has lost the session
        }

        return ended;
    }

    /// <summary>When <see cref="Advance"/> may next find something; null when nothing waits.</summary>
    public long? NextChange() => (_later.TryPeek(out _, out var later), _locks.TryPeek(out _, out var locked)) switch
    {
        (true, true) => Math.Min(later, locked),
        (true, false) => later,
        (false, true) => locked,
        _ => null,
    };

    /// <summary>Dead letters keep the id of their session and have none: as in Service Bus, one that is held keeps no other back.</summary>
    private string? SessionOf(Entry entry) => EntityPaths.IsDeadLetters(Path) ? null : entry.SessionId;

    private Entry? TakeAny(Guid holder)
    {
        if (_available.Count == 0)
            return null;
        var entry = _entries[_available.Min];
        _available.Remove(entry.Sequence);
        if (SessionOf(entry) is { } id)
            _sessions[id].Holder = holder;
        return entry;
    }

    private Entry? TakeOf(string sessionId, Guid holder)
    {
        if (!Holds(sessionId, holder, out var session) || !session.Ready)
            return null;
        session.Ready = false;
        return _entries[session.Current!.Value];
    }

    private void Enter(Entry entry)
    {
        if (SessionOf(entry) is { } id)
        {
            if (!_sessions.TryGetValue(id, out var session))
                _sessions.Add(id, session = new Session());
            session.Current ??= entry.Sequence;
            if (session.Current == entry.Sequence)
                Offer(session);
            else
                session.Behind.Add(entry.Sequence);
            return;
        }

        _available.Add(entry.Sequence);
        Pulse();
    }

    private void Leave(Entry entry)
    {
        _available.Remove(entry.Sequence);
        if (SessionOf(entry) is not { } id || !_sessions.TryGetValue(id, out var session))
            return;
        if (session.Current != entry.Sequence)
        {
            session.Behind.Remove(entry.Sequence);
            return;
        }

        session.Ready = false;
        session.Current = session.Behind.Count > 0 ? session.Behind.Min : null;
        if (session.Current is { } next)
        {
            session.Behind.Remove(next);
            Offer(session);
        }
        else if (session.Holder == Guid.Empty)
        {
            _sessions.Remove(id);
        }
    }

    private void Offer(Session session)
    {
        if (session.Holder == Guid.Empty)
            _available.Add(session.Current!.Value);
        else
            session.Ready = true;
        Pulse();
    }

    private void LetGo(string id, Session session)
    {
        session.Holder = Guid.Empty;
        if (session.Current is null)
            _sessions.Remove(id);
        if (!session.Ready)
            return;
        session.Ready = false;
        Offer(session);
    }

    private bool Holds(string sessionId, Guid holder, [NotNullWhen(true)] out Session? session)
        => _sessions.TryGetValue(sessionId, out session) && session.Holder == holder && holder != Guid.Empty;

    private void Pulse()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    internal sealed class Entry(long sequence, string? sessionId, int deliveries)
    {
        public long Sequence { get; } = sequence;

        public string? SessionId { get; } = sessionId;

        public int Deliveries { get; set; } = deliveries;

        public DateTimeOffset ExpiresAt { get; init; } = DateTimeOffset.MaxValue;

        public bool Deferred { get; set; }

        public long NotBefore { get; set; }

        /// <summary>Empty while nobody holds it.</summary>
        public Guid Token { get; set; }

        public long LockedUntil { get; set; }
    }

    /// <summary>One message of a session is available, locked or waiting to be tried again; the others are behind it, in order. It may have none while somebody holds it.</summary>
    private sealed class Session
    {
        public long? Current { get; set; }

        /// <summary>The current one may be handed out, but only to the holder.</summary>
        public bool Ready { get; set; }

        /// <summary>Empty while nobody holds it.</summary>
        public Guid Holder { get; set; }

        public SortedSet<long> Behind { get; } = [];
    }
}
