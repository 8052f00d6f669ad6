using Ear.Nodes;

namespace Ear.Agent.Storage;

/// <summary>What an agent remembers over its restarts.</summary>
internal sealed record AgentState
{
    /// <summary>base64 SubjectPublicKeyInfo of the control plane's sealing key; null until enrolled.</summary>
    public string? SealingKey { get; init; }

    /// <summary>The ports chosen at the first start: a running mongod has both on its command line.</summary>
    public int MongodPort { get; init; }

    public int KmipPort { get; init; }

    /// <summary>The newest goal, and with it the last verdict: kept while the control plane is away (spec dataplane §6.4).</summary>
    public NodeGoal? Goal { get; init; }

    /// <summary>The newest restore of the control plane's state (<see cref="NodeGoal.Restore"/>) after which all kept keys were given back; 0 for none.</summary>
    public long KeysReturnedAfter { get; init; }

    /// <summary>The control plane said 410: the node is gone for good.</summary>
    public bool Removed { get; init; }
}

/// <summary>The one copy of <see cref="AgentState"/>: every change is on disk before anybody sees it.</summary>
internal sealed class AgentStateStore
{
    private readonly JsonFile<AgentState> file;
    private readonly Lock gate = new();
    private AgentState current;

    public AgentStateStore(AgentFolder folder)
    {
        file = new JsonFile<AgentState>(folder.State);
        current = file.Load() ?? new AgentState();
    }

    public AgentState Current
    {
        get
        {
            lock (gate)
                return current;
        }
    }

    public void Update(Func<AgentState, AgentState> change)
    {
        lock (gate)
        {
            var changed = change(current);
            file.Save(changed);
            current = changed;
        }
    }
}
