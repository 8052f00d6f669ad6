using Ear.Agent.Processes;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Operations;

/// <summary>Clean restart; the start takes the goal's instance size. Not begun while the key cannot be read: mongod would not come back.</summary>
internal sealed class Restart(Supervisor supervisor, IDbPath db, KeyGate gate) : IOperation
{
    private const string ProveKey = "ProveKey";
    private const string Stop = "Stop";
    private const string AwaitMember = "AwaitMember";

    public NodeOpKind Kind => NodeOpKind.Restart;

    public string FirstStep => ProveKey;

    public bool HoldsProcess(string step) => step == Stop;

    public async Task<StepOutcome> RunAsync(JournalEntry entry, OpContext context, CancellationToken cancellation)
    {
        switch (entry.Step)
        {
            case ProveKey:
                if (db.Marker is { } marker && !await gate.AdmitsAsync(marker, context.Goal.Verdict, cancellation))
                    return new StepOutcome.Wait("the node key cannot be read");
                return new StepOutcome.Next(entry with { Step = Stop });
            case Stop:
                await supervisor.StopAsync(cancellation);
                return new StepOutcome.Next(entry with { Step = AwaitMember });
            default:
                return context.Self is { Up: true, Role: MemberRole.Primary or MemberRole.Secondary }
                    ? new StepOutcome.Done()
                    : new StepOutcome.Wait("mongod is coming up");
        }
    }

    public StepOutcome GiveUp(JournalEntry entry, string why) =>
        new StepOutcome.Failed(entry.Step == ProveKey ? OpErrors.KeyUnavailable : OpErrors.Deadline, why);
}
