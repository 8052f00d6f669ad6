using System.Collections.Concurrent;
using System.Diagnostics;
using Ear.Nodes;
using Ear.Telemetry;

namespace Ear.Agent.Tests.Operations;

public sealed class OperationTraceTests
{
    [Fact]
    public async Task An_operation_goes_on_in_the_trace_of_its_order_also_after_a_restart_and_leaves_it_when_its_end_was_taken()
    {
        var trace = ActivityTraceId.CreateRandom();
        var order = $"00-{trace}-{ActivitySpanId.CreateRandom()}-01";
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EarTraces.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var world = new NodeWorld();
        world.Order(new NodeOp("op", NodeOpKind.WipeAndResync, 300, 3600) { TargetEncryption = EncryptionMode.Aes256Gcm, Peers = ["n0:27017", "n2:27017"] }, order);
        await world.TickAsync();
        Assert.Equal(OpPhase.Running, world.Report!.Phase);
        Assert.Contains(trace.ToHexString(), world.Trace, StringComparison.Ordinal);

        world.StartAgent();
        await world.RunToEndAsync();
        Assert.Equal(OpPhase.Succeeded, world.Report!.Phase);
        Assert.Contains(trace.ToHexString(), world.Trace, StringComparison.Ordinal);
        // The agent that was ended never told of its span; the one that came after it told of the rest.
        var span = Assert.Single(ended, s => s.TraceId == trace);
        Assert.Equal("operation WipeAndResync", span.OperationName);
        Assert.Equal(order, span.ParentId);
        Assert.NotEmpty(span.Events);
        Assert.Empty(span.TagObjects);

        world.Goal = world.Goal with { Goal = world.Goal.Goal + 1, Op = null };
        world.Hear(world.Goal);
        await world.TickAsync();
        Assert.Null(world.Trace);
    }
}
