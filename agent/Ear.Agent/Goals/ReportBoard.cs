using Ear.Nodes;

namespace Ear.Agent.Goals;

/// <summary>The newest report, and a way to wait for one that differs in something the control plane acts on.</summary>
internal sealed class ReportBoard(IIds ids) : IDisposable
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string start = ids.NewHex();
    private CancellationTokenSource outdated = new();
    private NodeReport? current;
    private long sequence;

    /// <summary>The <c>traceparent</c> of what the node does, sent beside its reports; null for none.</summary>
    public string? Trace { get; set; }

    /// <summary>Ends once there is a report at all.</summary>
    public Task First => first.Task;

    /// <summary>The report to send, numbered, and a token that is cancelled when it is out of date.</summary>
    public (NodeReport Report, CancellationToken Outdated) Take()
    {
        lock (gate)
        {
            var report = (current ?? throw new InvalidOperationException("Wait for the first report before taking one.")) with { AgentStart = start, Sequence = ++sequence };
            return (report, outdated.Token);
        }
    }

    public void Publish(NodeReport report)
    {
        CancellationTokenSource? ended = null;
        lock (gate)
        {
            if (current is null || !SameForTheControlPlane(current, report))
            {
                ended = outdated;
                outdated = new CancellationTokenSource();
            }

            current = report;
        }

        // Not disposed: a poll may be linking to its token right now, and there is no timer in it.
        ended?.Cancel();
        first.TrySetResult();
    }

    public void Dispose() => outdated.Dispose();

    // Free bytes and lag change all the time; they ride along with the next report that matters.
    private static bool SameForTheControlPlane(NodeReport one, NodeReport other) => Key(one) == Key(other);

    private static string Key(NodeReport report)
    {
        var mongod = report.Mongod;
        var op = report.Op;
        return string.Join('|',
            report.AchievedGoal, report.HostPort, report.Encryption, report.MasterKeyId, report.InstanceSize, report.VerdictSeen,
            // "restart in 8 s" counts down: the kind of waiting matters.
            report.WaitingFor?.Split(' ')[0],
            op?.Id, op?.Phase, op?.Step, op?.ErrorCode, op?.Percent / 10,
            mongod.Up, mongod.ProcessId, mongod.Version, mongod.Role, Lag(mongod.LagSeconds), mongod.SyncPercent / 10,
            string.Join(',', mongod.HealthyMembers), string.Join(',', mongod.ConfiguredMembers));
    }

    private static string Lag(double? seconds) => seconds switch
    {
        null => "?",
        <= 2 => "none",
        <= 10 => "little",
        <= 60 => "some",
        _ => "much",
    };
}
