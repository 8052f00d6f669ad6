using Ear.Agent.Keys;
using Ear.Agent.Mongod;
using Ear.Agent.Processes;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Operations;

/// <summary>
/// Gives a node new files under another encryption (spec dataplane §1.5, §6.3). The steps, and what a crash or failure in each leaves:
/// <list type="table">
/// <item>ProveKey: a node key is made, wrapped and read back. Failing: nothing has happened to the data.</item>
/// <item>Preflight: this node and a peer are looked at. Failing: the same.</item>
/// <item>Stop: mongod is shut down. Failing: the supervisor starts it again on the same data.</item>
/// <item>MoveAside: data to db.old-id, a fresh marked folder in its place; needs the lease. Failing: the same as Stop.</item>
/// <item>Sync: the supervisor starts mongod; initial sync; three looks as a caught-up secondary. Failing: RollBack.</item>
/// <item>DeleteOld: the old data goes. From here there is no way back, and none is needed.</item>
/// <item>RollBack: mongod is stopped, the old data moved back; the supervisor starts it as it was before.</item>
/// </list>
/// </summary>
internal sealed class WipeAndResync(ResyncKey key, ResyncPeers peers, Supervisor supervisor, IDbPath db) : IOperation
{
    private const string ProveKey = "ProveKey";
    private const string Preflight = "Preflight";
    private const string Stop = "Stop";
    private const string MoveAside = "MoveAside";
    private const string Sync = "Sync";
    private const string DeleteOld = "DeleteOld";
    private const string RollBack = "RollBack";

    // Looks in a row in which a member must be as wanted.
    private const int SteadyLooks = 3;

    // A server that cannot start on an empty folder will not learn it at the tenth attempt.
    private const int MaxFailedStarts = 5;

    private int steady;

    public NodeOpKind Kind => NodeOpKind.WipeAndResync;

    public string FirstStep => ProveKey;

    public bool HoldsProcess(string step) => step is Stop or MoveAside or RollBack;

    public Task<StepOutcome> RunAsync(JournalEntry entry, OpContext context, CancellationToken cancellation) => entry.Step switch
    {
        ProveKey => ProveKeyAsync(entry, context, cancellation),
        Preflight => PreflightAsync(entry, context, cancellation),
        Stop => StopAsync(entry, cancellation),
        MoveAside => Task.FromResult(Move(entry, context)),
        Sync => Task.FromResult(Watch(entry, context)),
        DeleteOld => Task.FromResult(Delete(entry)),
        RollBack => RollBackAsync(entry, cancellation),
        _ => throw new InvalidOperationException($"The journal names an unknown step '{entry.Step}'."),
    };

    public StepOutcome GiveUp(JournalEntry entry, string why) => entry.Step switch
    {
        Sync => Undo(entry, OpErrors.Deadline, why),
        DeleteOld or RollBack => new StepOutcome.Wait(why),
        _ => new StepOutcome.Failed(OpErrors.Deadline, why),
    };

    private async Task<StepOutcome> ProveKeyAsync(JournalEntry entry, OpContext context, CancellationToken cancellation)
    {
        if (entry.Op.TargetEncryption is not { } target)
            return new StepOutcome.Failed(OpErrors.PreconditionFailed, "The operation names no encryption.");
        if (target == EncryptionMode.None)
            return new StepOutcome.Next(entry with { Step = Preflight });
        return await key.MakeAsync(cancellation) is { } keyId
            ? new StepOutcome.Next(entry with { Step = Preflight, KeyId = keyId })
            : WhileLeased(context, OpErrors.KeyUnavailable, "no node key can be wrapped and read back");
    }

    private async Task<StepOutcome> PreflightAsync(JournalEntry entry, OpContext context, CancellationToken cancellation)
    {
        if (db.Marker is null)
            return new StepOutcome.Failed(OpErrors.PreconditionFailed, "The dbPath carries no marker of this node: it is not touched.");
        if (await peers.RefusesAsync(entry.Op, context.Self, cancellation) is { } why)
            return WhileLeased(context, OpErrors.PreconditionFailed, why);
        if (entry.KeyId is { } keyId && !await key.CanReadAsync(keyId, cancellation))
            return WhileLeased(context, OpErrors.KeyUnavailable, "the new node key cannot be read");
        return context.LeaseLeft > TimeSpan.Zero ? new StepOutcome.Next(entry with { Step = Stop }) : LeaseIsOver();
    }

    private async Task<StepOutcome> StopAsync(JournalEntry entry, CancellationToken cancellation)
    {
        await supervisor.StopAsync(cancellation);
        return new StepOutcome.Next(entry with { Step = MoveAside });
    }

    private StepOutcome Move(JournalEntry entry, OpContext context)
    {
        // Once the old data lies aside the destructive part has begun under a lease; finishing the move needs no new one.
        if (!db.IsAside(entry.Op.Id) && context.LeaseLeft <= TimeSpan.Zero)
            return LeaseIsOver();
        var marker = db.Marker;
        if (!db.IsAside(entry.Op.Id) && marker is null)
            return new StepOutcome.Failed(OpErrors.PreconditionFailed, "The dbPath carries no marker of this node: it is not touched.");
        db.MoveAside(entry.Op.Id, key.MarkerFor(entry.Op.TargetEncryption!.Value, entry.KeyId));
        steady = 0;
        return new StepOutcome.Next(entry with { Step = Sync });
    }

    private StepOutcome Watch(JournalEntry entry, OpContext context)
    {
        var self = context.Self;
        if (!self.Up)
        {
            steady = 0;
            return supervisor.FailedStarts >= MaxFailedStarts
                ? Undo(entry, OpErrors.MongodError, $"mongod did not come up in {MaxFailedStarts} starts; see mongod.log")
                : new StepOutcome.Wait(supervisor.WaitingFor is { } waiting ? $"mongod waits for: {waiting}" : "mongod is starting");
        }

        var encrypted = self.Encrypted ?? db.HasKeystore;
        if (encrypted != (entry.Op.TargetEncryption != EncryptionMode.None))
            return Undo(entry, OpErrors.MongodError, $"mongod runs with encryption {encrypted}, wanted {entry.Op.TargetEncryption}");
        // PRIMARY counts: the set may have elected it the moment it was caught up.
        if (self.Role is not (MemberRole.Secondary or MemberRole.Primary))
        {
            steady = 0;
            return new StepOutcome.Wait($"initial sync: {self.Role}", self.SyncPercent);
        }

        if (self.Self is not { } member || self.LagOf(member) is not { } lag || lag > entry.Op.MaxLagSeconds)
        {
            steady = 0;
            return new StepOutcome.Wait("synced, but not caught up yet", 100);
        }

        return ++steady >= SteadyLooks ? new StepOutcome.Next(entry with { Step = DeleteOld }) : new StepOutcome.Wait("caught up; looking again", 100);
    }

    private StepOutcome Delete(JournalEntry entry)
    {
        db.DeleteAside(entry.Op.Id);
        return new StepOutcome.Done();
    }

    private async Task<StepOutcome> RollBackAsync(JournalEntry entry, CancellationToken cancellation)
    {
        await supervisor.StopAsync(cancellation);
        db.MoveBack(entry.Op.Id);
        return new StepOutcome.Failed(entry.ErrorCode!, $"Rolled back: {entry.Detail}");
    }

    private StepOutcome.Next Undo(JournalEntry entry, string code, string why)
    {
        steady = 0;
        return new StepOutcome.Next(entry with { Step = RollBack, ErrorCode = code, Detail = why });
    }

    private static StepOutcome WhileLeased(OpContext context, string code, string why) =>
        context.LeaseLeft > TimeSpan.Zero ? new StepOutcome.Wait(why) : new StepOutcome.Failed(code, why);

    private static StepOutcome.Failed LeaseIsOver() =>
        new(OpErrors.LeaseExpired, "The lease ended before the data was moved; nothing has been changed.");
}
