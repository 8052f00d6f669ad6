using System.Collections.Immutable;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.ServiceBus;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Tests.ServiceBus;

public sealed class ServiceBusAnnouncerTests : IAsyncDisposable
{
    private readonly RecordingBus _bus = new();
    private readonly ServiceBusClient _client;
    private readonly ServiceBusAnnouncer _announcer;
    private readonly ProjectId _project = Some.Id<ProjectId>();
    private long _sequence;

    public ServiceBusAnnouncerTests()
    {
        _client = new ServiceBusClient($"Endpoint=sb://{_bus.Namespace}");
        _announcer = new ServiceBusAnnouncer(_client, Options.Create(new AnnouncerOptions()), NullLogger<ServiceBusAnnouncer>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _announcer.DisposeAsync();
        await _client.DisposeAsync();
        _bus.Dispose();
    }

    [Fact]
    public async Task A_message_tells_the_event_to_filters_and_to_readers()
    {
        var told = Chained(Some.Event(_project, "CLUSTER_CREATED", "orders"));

        await _announcer.AnnounceAsync([told], Cancellation);

        var message = Assert.Single(_bus.Messages);
        Assert.Equal("ear-events", _bus.Transfers[0].Topic);
        Assert.Equal((told.Event.Id.Value, _project.Value, "CLUSTER_CREATED", "application/json"), (message.MessageId, message.SessionId, message.Subject, message.ContentType));
        Assert.Equal(
            new Dictionary<string, object> { ["type"] = "CLUSTER_CREATED", ["project"] = _project.Value, ["cluster"] = "orders", ["sequence"] = told.Sequence, ["hash"] = told.Hash },
            message.ApplicationProperties);
        Assert.Equal(Some.Json(told.Event), Some.Json(JsonSerializer.Deserialize<ProjectEvent>(message.Body, EarJson.Options)));
    }

    [Fact]
    public async Task A_message_carries_the_trace_of_what_caused_its_event()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await _announcer.AnnounceAsync([Chained(Some.Event(_project) with { Trace = trace })], Cancellation);

        var properties = Assert.Single(_bus.Messages).ApplicationProperties;
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", (string)properties["traceparent"], StringComparison.Ordinal);
        Assert.Equal(properties["traceparent"], properties["Diagnostic-Id"]);
    }

    [Fact]
    public async Task An_event_without_a_cluster_has_no_cluster_property()
    {
        await _announcer.AnnounceAsync([Chained(Some.Event(_project))], Cancellation);

        Assert.DoesNotContain("cluster", Assert.Single(_bus.Messages).ApplicationProperties.Keys);
    }

    [Fact]
    public async Task A_transfer_holds_one_project_in_its_order()
    {
        var other = Some.Id<ProjectId>();
        ChainedEvent[] events = [Chained(Some.Event(_project, "A1")), Chained(Some.Event(other, "B1")), Chained(Some.Event(_project, "A2")), Chained(Some.Event(other, "B2"))];

        await _announcer.AnnounceAsync(events, Cancellation);

        Assert.All(_bus.Transfers, t => Assert.Single(t.Messages.Select(m => m.SessionId).Distinct()));
        Assert.Equal(["A1", "A2"], _bus.Messages.Where(m => m.SessionId == _project.Value).Select(m => m.Subject));
        Assert.Equal(["B1", "B2"], _bus.Messages.Where(m => m.SessionId == other.Value).Select(m => m.Subject));
    }

    [Fact]
    public async Task What_does_not_fit_into_one_transfer_takes_several_and_keeps_its_order()
    {
        var events = Enumerable.Range(0, 20).Select(i => Chained(WithDetails(_project, $"E{i}", 60_000))).ToList();

        await _announcer.AnnounceAsync(events, Cancellation);

        Assert.InRange(_bus.Transfers.Count, 5, 10);
        Assert.Equal(events.Select(e => e.Event.Type), _bus.Messages.Select(m => m.Subject));
    }

    [Fact]
    public async Task An_event_too_large_for_any_transfer_is_told_without_its_details_and_holds_up_nobody()
    {
        ChainedEvent[] events = [Chained(Some.Event(_project, "BEFORE")), Chained(WithDetails(_project, "LARGE", 500_000)), Chained(Some.Event(_project, "AFTER"))];

        await _announcer.AnnounceAsync(events, Cancellation);

        Assert.Equal(["BEFORE", "LARGE", "AFTER"], _bus.Messages.Select(m => m.Subject));
        var large = _bus.Messages.Single(m => m.Subject == "LARGE");
        Assert.Equal(true, large.ApplicationProperties["truncated"]);
        Assert.Empty(JsonSerializer.Deserialize<ProjectEvent>(large.Body, EarJson.Options)!.Details);
    }

    [Fact]
    public async Task A_refusal_reaches_the_caller()
    {
        _bus.Refuse = _ => new ServiceBusException("Busy.", ServiceBusFailureReason.ServiceBusy);

        await Assert.ThrowsAsync<ServiceBusException>(() => _announcer.AnnounceAsync([Chained(Some.Event(_project))], Cancellation));
    }

    private ChainedEvent Chained(ProjectEvent e) => new(e, ++_sequence, new string('a', 64), EventChain.Genesis);

    private static ProjectEvent WithDetails(ProjectId project, string type, int length)
        => Some.Event(project, type) with { Details = ImmutableSortedDictionary<string, string>.Empty.Add("why", new string('x', length)) };
}
