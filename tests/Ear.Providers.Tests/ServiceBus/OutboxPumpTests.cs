using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.ServiceBus;
using Ear.Providers.Tests.Stores;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.ServiceBus;

public sealed class OutboxPumpTests : IDisposable
{
    private readonly RecordingBus _bus = new();
    private readonly InMemoryStore _store = new();
    private readonly FakeTimeProvider _time = new(Some.Noon);
    private readonly Project _project = Some.Project();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _bus.Dispose();

    [Fact]
    public async Task What_is_saved_is_announced_once_and_in_order()
    {
        using var host = await StartAsync(o => o.BatchSize = 3);
        for (var i = 0; i < 10; i++)
            await _store.SaveAsync(_project with { Name = $"{i}" }, i, [Some.Event(_project.Id, $"E{i}")], Cancellation);

        await UntilAsync(() => _bus.Messages.Count() == 10 && OutboxIsEmpty);

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"E{i}"), _bus.Messages.Select(m => m.Subject));
    }

    [Fact]
    public async Task While_the_topic_refuses_events_wait_and_none_is_lost()
    {
        _bus.Refuse = _ => new ServiceBusException("Busy.", ServiceBusFailureReason.ServiceBusy);
        using var host = await StartAsync();
        await _store.SaveAsync(_project, 0, [Some.Event(_project.Id, "A"), Some.Event(_project.Id, "B")], Cancellation);
        for (var i = 0; i < 50; i++)
            _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(OutboxIsEmpty);

        _bus.Refuse = _ => null;
        await UntilAsync(() => OutboxIsEmpty);

        Assert.Equal(["A", "B"], _bus.Messages.Select(m => m.Subject));
    }

    [Fact]
    public async Task A_repeat_after_a_lost_answer_carries_the_same_ids()
    {
        // The second project's transfer fails after the first one's: the whole call is repeated.
        var other = Some.Project();
        _bus.Refuse = transfers => transfers == 1 && _bus.Transfers.Count == 1 ? Once(new ServiceBusException("Gone.", ServiceBusFailureReason.ServiceTimeout)) : null;
        await _store.SaveAsync(_project, 0, [Some.Event(_project.Id, "A")], Cancellation);
        await _store.SaveAsync(other, 0, [Some.Event(other.Id, "B")], Cancellation);
        using var host = await StartAsync();

        await UntilAsync(() => OutboxIsEmpty);

        Assert.Equal(["A", "A", "B"], _bus.Messages.Select(m => m.Subject));
        Assert.Equal(2, _bus.Messages.Select(m => m.MessageId).Distinct().Count());
    }

    [Theory]
    [InlineData(null, null, null, "AzureWebJobsServiceBus:fullyQualifiedNamespace is empty", "EventsTopic is empty")]
    [InlineData("", "", "", "AzureWebJobsServiceBus:fullyQualifiedNamespace is empty", "EventsTopic is empty")]
    [InlineData("events", null, "", "AzureWebJobsServiceBus:fullyQualifiedNamespace is empty")]
    [InlineData("events", null, "sb://ear.servicebus.windows.net/", "AzureWebJobsServiceBus:fullyQualifiedNamespace is no host name")]
    [InlineData("events", null, "Endpoint=sb://ear.servicebus.windows.net;SharedAccessKey=hidden", "AzureWebJobsServiceBus:fullyQualifiedNamespace is no host name")]
    [InlineData("events", "Endpoint=sb://one;SharedAccessKey=hidden", "two.servicebus.windows.net", "AzureWebJobsServiceBus:fullyQualifiedNamespace and AzureWebJobsServiceBus are both set")]
    public async Task A_host_that_was_not_told_where_the_events_go_does_not_start(string? topic, string? connection, string? fullyQualifiedNamespace, params string[] faults)
    {
        using var host = HostWith(
            new() { ["EventsTopic"] = topic, ["AzureWebJobsServiceBus"] = connection, ["AzureWebJobsServiceBus:fullyQualifiedNamespace"] = fullyQualifiedNamespace }, _ => { });

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Equal(faults, e.Failures.Order(StringComparer.Ordinal).Zip(faults, (told, fault) => told[..Math.Min(told.Length, fault.Length)]));
        Assert.Equal(faults.Length, e.Failures.Count());
        Assert.DoesNotContain("hidden", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_go_where_the_triggers_listen()
    {
        using var host = HostWith(new() { ["AzureWebJobsServiceBus"] = $"Endpoint=sb://{_bus.Namespace}", ["AzureWebJobsServiceBus:fullyQualifiedNamespace"] = "", ["EventsTopic"] = "theirs" }, _ => { });
        await host.StartAsync(Cancellation);
        await _store.SaveAsync(_project, 0, [Some.Event(_project.Id, "A")], Cancellation);

        await UntilAsync(() => OutboxIsEmpty);

        Assert.Equal(["theirs"], _bus.Transfers.Select(t => t.Topic));
    }

    private bool OutboxIsEmpty => _store.PendingAsync(1, Cancellation).Result.Count == 0;

    private Exception Once(Exception e)
    {
        _bus.Refuse = _ => null;
        return e;
    }

    private async Task<IHost> StartAsync(Action<AnnouncerOptions>? configure = null)
    {
        var host = HostWith(new() { ["AzureWebJobsServiceBus"] = $"Endpoint=sb://{_bus.Namespace}", ["EventsTopic"] = EventsTopic.Name }, configure ?? (_ => { }));
        await host.StartAsync(Cancellation);
        return host;
    }

    private IHost HostWith(Dictionary<string, string?> settings, Action<AnnouncerOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton<IOutbox>(_store).AddSingleton<TimeProvider>(_time).AddServiceBusAnnouncer(configure);
        return builder.Build();
    }

    // The pump's waits are on the fake clock: it moves until what is expected has happened.
    private async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, "The pump did not get there.");
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Cancellation);
        }
    }
}
