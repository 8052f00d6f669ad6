using Ear.Agent.Mongod;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Operations;

/// <summary>
/// Hands the primary's part to another member. When no secondary is caught up it waits and asks again, up to the deadline; it
/// never forces (spec dataplane §1.5: a forced step-down leaves the set without a primary).
/// </summary>
internal sealed class StepDown(IMongods mongods, string hostPort, TimeProvider time) : IOperation
{
    private const string Ask = "StepDown";
    private const string AwaitPrimary = "AwaitPrimary";
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(5);

    private long? askedAt;

    public NodeOpKind Kind => NodeOpKind.StepDown;

    public string FirstStep => Ask;

    public bool HoldsProcess(string step) => false;

    public async Task<StepOutcome> RunAsync(JournalEntry entry, OpContext context, CancellationToken cancellation)
    {
        if (!context.Self.Up)
            return new StepOutcome.Wait("mongod does not answer");
        if (entry.Step == AwaitPrimary)
            return AnotherIsPrimary(context.Self);
        // Not primary: stepped down before (we died before noting it), or never was.
        if (context.Self.Role != MemberRole.Primary)
            return new StepOutcome.Next(entry with { Step = AwaitPrimary });
        if (askedAt is { } at && time.GetElapsedTime(at) < AskAgainAfter)
            return new StepOutcome.Wait("no secondary was caught up; it is asked again");
        return await AskAsync(entry, cancellation);
    }

    private async Task<StepOutcome> AskAsync(JournalEntry entry, CancellationToken cancellation)
    {
        try
        {
            await mongods.At(hostPort).RunAsync(
                new BsonDocument { { "replSetStepDown", 60 }, { "secondaryCatchUpPeriodSecs", 10 }, { "force", false } }, cancellation);
        }
        catch (MongodException exception) when (exception.Code == MongodCodes.NotWritablePrimary)
        {
            // Lost the part meanwhile: just what was wanted.
        }
        catch (MongodException exception)
        {
            // A broken connection is how servers before 4.2 answer; whether it worked, the next look shows.
            askedAt = time.GetTimestamp();
            return new StepOutcome.Wait(exception.Message);
        }

        return new StepOutcome.Next(entry with { Step = AwaitPrimary });
    }

    private static StepOutcome AnotherIsPrimary(MongodView self) => self.Primary is { Self: false }
        ? new StepOutcome.Done()
        : new StepOutcome.Wait("no other member is primary yet");
}
