using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Operations;

/// <summary>An operation and how far it has come. On disk before the step it names begins (spec dataplane §6.3).</summary>
/// <param name="Step">The step that is under way; repeated from its beginning after a crash, so every step is idempotent.</param>
internal sealed record JournalEntry(NodeOp Op, string Step)
{
    public OpPhase Phase { get; init; } = OpPhase.Running;

    /// <summary>Set before the roll-back begins, and kept as the outcome.</summary>
    public string? ErrorCode { get; init; }

    public string? Detail { get; init; }

    /// <summary>Seconds that this operation has been worked on: agent down time and pauses do not count towards its deadline.</summary>
    public double WorkedSeconds { get; init; }

    /// <summary>Where the order came from (<see cref="NodeGoal.Trace"/>): kept, so that an operation that is taken up again stays in its trace.</summary>
    public string? Trace { get; init; }

    /// <summary>The node key that was made and proven for a re-sync.</summary>
    public string? KeyId { get; init; }

    public bool IsOpen => Phase == OpPhase.Running;
}

internal interface IJournal
{
    JournalEntry? Load();

    void Save(JournalEntry entry);
}

internal sealed class Journal(AgentFolder folder) : IJournal
{
    private readonly JsonFile<JournalEntry> file = new(folder.Journal);

    public JournalEntry? Load() => file.Load();

    public void Save(JournalEntry entry) => file.Save(entry);
}
