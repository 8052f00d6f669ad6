using Ear.Agent.Mongod;
using Ear.Nodes;

namespace Ear.Agent.Operations;

/// <summary>One kind of operation as a chain of idempotent steps.</summary>
internal interface IOperation
{
    NodeOpKind Kind { get; }

    string FirstStep { get; }

    /// <summary>True while the operation itself decides about the process; the supervisor keeps its hands off.</summary>
    bool HoldsProcess(string step);

    Task<StepOutcome> RunAsync(JournalEntry entry, OpContext context, CancellationToken cancellation);

    /// <summary>The deadline has passed while <paramref name="entry"/> was waiting because of <paramref name="why"/>.</summary>
    StepOutcome GiveUp(JournalEntry entry, string why) => new StepOutcome.Failed(OpErrors.Deadline, why);
}

/// <param name="Self">mongod at the last look.</param>
/// <param name="LeaseLeft">Zero: nothing destructive may begin.</param>
internal sealed record OpContext(NodeGoal Goal, MongodView Self, TimeSpan LeaseLeft);

internal abstract record StepOutcome
{
    private StepOutcome()
    {
    }

    /// <summary>The entry names the next step; it is journalled before that step begins.</summary>
    internal sealed record Next(JournalEntry Entry) : StepOutcome;

    /// <summary>Look again at the next tick.</summary>
    internal sealed record Wait(string Why, int? Percent = null) : StepOutcome;

    internal sealed record Done : StepOutcome;

    internal sealed record Failed(string Code, string Why) : StepOutcome;
}

/// <summary>The stable words of <see cref="OpReport.ErrorCode"/>.</summary>
internal static class OpErrors
{
    public const string PreconditionFailed = "PRECONDITION_FAILED";
    public const string LeaseExpired = "LEASE_EXPIRED";
    public const string Deadline = "DEADLINE";
    public const string KeyUnavailable = "KEY_UNAVAILABLE";
    public const string MongodError = "MONGOD_ERROR";
}
