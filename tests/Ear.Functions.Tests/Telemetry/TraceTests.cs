using System.Diagnostics;
using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Reconciliation;
using Ear.Telemetry;
using Ear.Tests.CustomerKeys.Validation;

namespace Ear.Functions.Tests.Telemetry;

public sealed class TraceTests
{
    private static readonly HashSet<string> AllowedTags = ["provider", "reason", "outcome", "configurations", "due", "suspects"];

    [Fact]
    public async Task A_wish_is_followed_to_the_orders_of_its_nodes_across_a_restart()
    {
        using var spans = new Spans();
        await using var world = await EngineWorld.StartAsync();
        ActivityTraceId trace;
        using (var patch = new Activity("PATCH").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            trace = patch.TraceId;
            await world.CreateAsync(encryption: null, wake: false, EarTraces.Here);
        }
        await world.RestartAsync();
        await world.Reconciler.WakeAsync((await world.ClusterAsync())!.Ref, TestContext.Current.CancellationToken);
        await world.IdleAsync();

        var orders = spans.Of(trace).Where(s => s.OperationName.StartsWith("order ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(orders);
        Assert.All(orders, o => Assert.Equal("order AddNode", o.OperationName));
        var nodes = await world.Store.ListAsync(ConfiguredProject.Id, (await world.ClusterAsync())!.Id, TestContext.Current.CancellationToken);
        Assert.All(nodes, n => Assert.Contains(orders, o => o.Id == n.Document.Goal.Trace));
    }

    [Fact]
    public async Task What_a_key_brings_about_is_a_trace_of_its_own_with_a_link_to_the_last_wish()
    {
        using var spans = new Spans();
        await using var world = await EngineWorld.StartAsync();
        using var patch = new Activity("PATCH").SetIdFormat(ActivityIdFormat.W3C).Start();
        var wish = EarTraces.Here;
        patch.Stop();
        await world.CreateAsync(KeyProvider.Aws, wake: true, wish);
        await world.IdleAsync();

        world.Key.Say(ConfiguredProject.Key, new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled"));
        await world.SweepAsync();
        await world.UntilAsync(async () => (await world.ClusterAsync())!.DisabledSince is not null);

        Assert.DoesNotContain(spans.Of(patch.TraceId), s => s.OperationName.StartsWith("order Stop", StringComparison.Ordinal));
        var stops = spans.All.Where(s => s.OperationName == "order StopProcesses" && s.Links.Any(l => l.Context.TraceId == patch.TraceId)).ToList();
        Assert.NotEmpty(stops);
    }

    [Fact]
    public async Task The_shards_of_a_sweep_are_in_its_trace_and_no_span_names_what_is_the_customers()
    {
        using var spans = new Spans();
        await using var world = await EngineWorld.StartAsync();
        await world.CreateAsync(KeyProvider.Aws);
        await world.IdleAsync();
        using var root = new Activity("timer").SetIdFormat(ActivityIdFormat.W3C).Start();
        await world.SweepAsync();
        root.Stop();

        Assert.Equal(["sweep", "sweep shard"], spans.Of(root.TraceId).Select(s => s.OperationName).Order(StringComparer.Ordinal));
        Assert.Empty(spans.All.SelectMany(s => s.TagObjects).Select(t => t.Key).Except(AllowedTags));
        string[] theirs = [ConfiguredProject.Id.Value, ConfiguredProject.Key, EngineWorld.Orders.Value];
        Assert.All(spans.All, s => Assert.DoesNotContain(theirs, t => $"{s.OperationName} {s.StatusDescription} {string.Join(' ', s.TagObjects)} {string.Join(' ', s.Events.Select(e => e.Name))}".Contains(t, StringComparison.Ordinal)));
    }

    [Fact]
    public void An_event_keeps_what_caused_it_and_one_from_before_reads_and_hashes_as_it_did()
    {
        const string before = """{"id":"111111111111111111111111","projectId":"222222222222222222222222","type":"CLUSTER_CREATED","created":"2026-11-24T12:00:00+00:00","actor":"ear","details":{}}""";
        var old = System.Text.Json.JsonSerializer.Deserialize<ProjectEvent>(before, EarJson.Options)!;
        Assert.Null(old.Trace);
        Assert.Equal(before, System.Text.Encoding.UTF8.GetString(EventChain.CanonicalBytes(old)).Replace("\\u002B", "+", StringComparison.Ordinal));

        using var cause = new Activity("cause").SetIdFormat(ActivityIdFormat.W3C).Start();
        Assert.Equal(cause.Id, CausedEvents.Of(old.ProjectId, "A", "b", old.Created).Trace);
    }
}
