using System.Security.Cryptography;
using Ear.Mongod.Commands;
using Ear.Mongod.Encryption;
using Ear.Mongod.Logging;
using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>
/// This member's part in its set. The rules are Raft's as mongod has them: one vote a term, kept on disk; only a history at least as long as the voter's
/// own wins it; a write counts as committed when a majority of the voters has it durable in the current term; whoever hears of a higher term steps down.
/// Everything here is called with the storage gate held unless it ends in Async.
/// </summary>
internal sealed class ReplicaSet
{
    private readonly string _dbPath;
    private readonly IRecordCipher _cipher;
    private readonly ServerLog _log;
    private readonly Dictionary<string, OpTime> _learntFrom = [];

    public ReplicaSet(string name, int port, string dbPath, IRecordCipher cipher, StorageEngine engine, TimeProvider time, ServerLog log)
    {
        (Name, _dbPath, _cipher, Engine, Time, _log) = (name, dbPath, cipher, engine, time, log);
        State = ReplState.Load(dbPath, cipher);
        if (State.Config is { } config && config.Name != name)
            throw new Options.StartupException(Options.ExitCode.BadOptions, $"The data files belong to replica set '{config.Name}', but --replSet says '{name}'");
        // Started on another port, this is not the member that the configuration means: it stays out (REMOVED) until one names it.
        if (State.Me is { } me && Wire.HostAndPort.Parse(me).Port != port) State = State with { Me = null };
        engine.DurableMoved = AdvanceCommit;
        Follow(State.Config);
        ElectionDeadline = Now + Ticks(ElectionTimeout + Jitter());
    }

    public string Name { get; }

    public StorageEngine Engine { get; }

    public TimeProvider Time { get; }

    public ReplState State { get; private set; }

    public MemberState Role { get; private set; }

    public OpTime CommitPoint { get; private set; } = OpTime.None;

    public Dictionary<string, Peer> Peers { get; } = new(StringComparer.Ordinal);

    /// <summary>Role, primary, term or configuration changed: hello, heartbeats and the puller look again.</summary>
    public Signal Topology { get; } = new();

    public long TopologyCounter { get; private set; }

    /// <summary>Tells one run of the process from another, and this process from all others.</summary>
    public ObjectId Process { get; } = ObjectId.GenerateNewId();

    /// <summary>Monotonic; without news of a primary until then, this member stands for election.</summary>
    public long ElectionDeadline { get; set; }

    public long NoElectionUntil { get; set; }

    /// <summary>A step-down is waiting for a follower: new writes wait too.</summary>
    public bool WritesHeld { get; set; }

    public DateTimeOffset? PrimarySince { get; private set; }

    public TimeSpan ElectionTimeout => State.Config?.ElectionTimeout ?? ReplConfig.DefaultElectionTimeout;

    public long Now => Time.GetTimestamp();

    public MemberConfig? Self => State.Me is { } me ? State.Config?.Find(me) : null;

    public bool IsWritable => Role == MemberState.Primary && !WritesHeld;

    /// <summary>How far this member's word reaches in a vote: what it has, or had when its files were emptied.</summary>
    public OpTime KnownHistory => OpTime.Max(State.NeedsInitialSync ? OpTime.None : Engine.LastApplied, State.Floor);

    public bool CanStand => Role == MemberState.Secondary && State.Learnt && !State.NeedsInitialSync && Self is { Priority: > 0 } && Now >= NoElectionUntil;

    public string? PrimaryHost => Role == MemberState.Primary ? State.Me : Peers.Values.FirstOrDefault(p => p.State == MemberState.Primary && p.Term == State.Term)?.Config.Host;

    public long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Time.TimestampFrequency);

    /// <summary>Up to 15 % of the election timeout, so that two members seldom stand at once.</summary>
    public TimeSpan Jitter() => ElectionTimeout * (RandomNumberGenerator.GetInt32(1000) * 0.00015);

    public void Persist(ReplState next)
    {
        next.Save(_dbPath, _cipher);
        State = next;
    }

    public void Changed()
    {
        TopologyCounter++;
        Topology.Pulse();
        Engine.Progress.Pulse();
        Engine.Applied.Pulse();
    }

    public void ObserveTerm(long term)
    {
        if (term <= State.Term) return;
        Persist(State with { Term = term, VotedFor = -1 });
        if (Role == MemberState.Primary) StepDown("a higher term was seen");
        else Changed();
    }

    public void BecomePrimary()
    {
        Role = MemberState.Primary;
        WritesHeld = false;
        PrimarySince = Time.GetUtcNow();
        // Voices of the election count as heard now: the majority is looked for one timeout from here.
        foreach (var peer in Peers.Values) (peer.Durable, peer.DurableTerm, peer.LastContact) = (null, 0, Now);
        // The configuration takes the new term, so that one that a former primary could not spread never replaces it.
        Persist(State with { Config = State.Config! with { Term = State.Term } });
        Engine.Append(OplogEntry.Create(Engine.NextOpTime(State.Term), Time.GetUtcNow(), OplogWrite.Noop("new primary")));
        _log.Info("REPL", 21331, "Transition to primary complete; database writes are now permitted", ("term", State.Term));
        Changed();
    }

    public void StepDown(string why)
    {
        Role = MemberState.Secondary;
        (WritesHeld, PrimarySince) = (false, null);
        ElectionDeadline = Now + Ticks(ElectionTimeout + Jitter());
        _log.Info("REPL", 21358, "Replica set state transition", ("newState", "SECONDARY"), ("oldState", "PRIMARY"), ("reason", why), ("term", State.Term));
        Changed();
    }

    /// <summary>Takes a newer configuration, from a command or from another member.</summary>
    /// <param name="me">This member's address in it; null: it is not in it.</param>
    public void Install(ReplConfig config, string? me)
    {
        Persist(State with { Config = config, Me = me ?? State.Me });
        var before = Role;
        Follow(config);
        if (before == MemberState.Primary && Role != MemberState.Primary) (WritesHeld, PrimarySince) = (false, null);
        _log.Info("REPL", 21392, "New replica set config in use", ("version", config.Version), ("term", config.Term), ("members", config.Members.Count));
        Changed();
    }

    /// <summary>The first configuration of a new set, on the member that was told to make it: it alone has data, and nothing to forget.</summary>
    public void Initiate(ReplConfig config, string me)
    {
        Persist(State with { Learnt = true, NeedsInitialSync = false });
        Engine.Append(OplogEntry.Create(Engine.NextOpTime(0), Time.GetUtcNow(), OplogWrite.Noop("initiating set")));
        Install(config, me);
        ElectionDeadline = Now;
    }

    /// <summary>A new set in which nobody was ever elected: nothing can have been voted or acknowledged, so there is nothing to learn.</summary>
    public void JoinNewSet() => Persist(State with { Learnt = true });

    public void NeedInitialSync(string why)
    {
        if (!State.NeedsInitialSync) Persist(State with { NeedsInitialSync = true, Floor = OpTime.Max(State.Floor, Engine.LastApplied) });
        if (Role is MemberState.Secondary) Role = MemberState.Startup2;
        _log.Warning("REPL", 21275, "This member needs an initial sync", ("reason", why));
        Changed();
    }

    public void FinishInitialSync()
    {
        var floor = Engine.LastApplied >= State.Floor ? OpTime.None : State.Floor;
        Persist(State with { NeedsInitialSync = false, Floor = floor });
        Follow(State.Config);
        ElectionDeadline = Now + Ticks(ElectionTimeout + Jitter());
        _log.Info("REPL", 21192, "Initial sync done", ("lastApplied", Engine.LastApplied.ToString()));
        Changed();
    }

    /// <summary>Collects what a member without memory must know before it may vote: see <see cref="ReplState.Learnt"/>. Any majority of the others has met every write and vote this member once helped to make.</summary>
    public void Learn(Peer peer, OpTime history)
    {
        if (State.Learnt || !peer.Learnt || State.Config is not { } config || Self is null) return;
        _learntFrom[peer.Config.Host] = history;
        var others = config.Voters.Where(m => m.Host != State.Me).ToArray();
        var heard = others.Where(m => _learntFrom.ContainsKey(m.Host)).Select(m => _learntFrom[m.Host]).ToArray();
        if (heard.Length < (others.Length / 2) + 1) return;
        Persist(State with { Learnt = true, Floor = OpTime.Max(State.Floor, heard.Max()) });
        _log.Info("REPL", 21400, "This member has learnt the set's term and may vote again", ("term", State.Term), ("heardFrom", heard.Length));
        Changed();
    }

    /// <summary>The newest place that a majority has durable, if this term's primary made it; older ones follow with it.</summary>
    public void AdvanceCommit()
    {
        if (Role != MemberState.Primary || State.Config is not { } config) return;
        var places = config.Voters.Select(m => m.Host == State.Me ? Engine.Durable : DurableOf(m.Host)).OrderDescending().ToArray();
        var agreed = places[config.Majority - 1];
        if (agreed.Term == State.Term) CommitTo(agreed);
    }

    public void CommitTo(OpTime place)
    {
        place = place <= Engine.LastApplied ? place : Engine.LastApplied;
        if (place <= CommitPoint) return;
        CommitPoint = place;
        Engine.Progress.Pulse();
    }

    public OpTime DurableOf(string host) =>
        Peers.TryGetValue(host, out var p) && p.Durable is { } durable && p.DurableTerm == State.Term ? durable : OpTime.None;

    public CommandException NotPrimary() => new(ErrorCode.NotWritablePrimary, "not primary");

    private void Follow(ReplConfig? config)
    {
        foreach (var gone in Peers.Keys.Where(h => config?.Find(h) is null || h == State.Me).ToArray()) Peers.Remove(gone);
        foreach (var member in config?.Members.Where(m => m.Host != State.Me) ?? [])
        {
            if (Peers.TryGetValue(member.Host, out var known)) known.Config = member;
            else Peers[member.Host] = new Peer(member);
        }
        Role = config is null ? MemberState.Startup
            : Self is null ? MemberState.Removed
            : State.NeedsInitialSync ? MemberState.Startup2
            : Role == MemberState.Primary && Self.Priority > 0 ? MemberState.Primary
            : MemberState.Secondary;
    }
}
