using System.Net;
using Azure.Core;
using Azure.Messaging.ServiceBus;
using Ear.Local.Host;
using Ear.Local.ServiceBus;
using Ear.Local.Tests.Host;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Tests.ServiceBus;

/// <summary>Functions with a ServiceBusTrigger, fed through the client that an app would register.</summary>
public sealed class SubscriberTests
{
    private static Task<HostUnderTest> StartAsync(
        IReadOnlyList<Type> classes, string? folder = null, Func<BrokerOptions, BrokerOptions>? options = null, HostJson? hostJson = null) => HostUnderTest.StartAsync(
        classes,
        folder,
        settings: new Dictionary<string, string?> { ["QueueName"] = "work", ["Bus:fullyQualifiedNamespace"] = "set-by-mistake.servicebus.windows.net" },
        options: o => new FunctionsHostOptions
        {
            DataFolder = o.DataFolder,
            HostJson = hostJson ?? new HostJson(),
            ServiceBus = options?.Invoke(new BrokerOptions()) ?? new BrokerOptions(),
            Topics = { "unheard" },
        },
        configure: app => app.Services.AddSingleton(provider => new ServiceBusClient(
            provider.GetRequiredService<IConfiguration>()["Bus:fullyQualifiedNamespace"], new NoCredential())));

    private static ServiceBusClient ClientOf(HostUnderTest host) => host.Host.Services.GetRequiredService<ServiceBusClient>();

    [Fact]
    public async Task Every_subscription_of_a_topic_gets_each_message()
    {
        await using var host = await StartAsync([typeof(Subscribers)]);

        await ClientOf(host).CreateSender("alerts").SendMessageAsync(new ServiceBusMessage("m1") { MessageId = "id-1" }, TestContext.Current.CancellationToken);

        await Eventually.HoldsAsync(() => host.Seen.Notes.Contains("audit m1 id-1") && host.Seen.Notes.Contains("mail m1 1"));
        await Eventually.HoldsAsync(() => CountOf(host, "alerts", "audit").Result == 0 && CountOf(host, "alerts", "mail").Result == 0);
    }

    [Fact]
    public async Task A_message_whose_function_fails_is_tried_again_later_each_time_and_ends_as_a_dead_letter()
    {
        await using var host = await StartAsync([typeof(Subscribers)], options: o => o with { MaxDeliveryCount = 3, RetryDelay = TimeSpan.FromMinutes(1), MaxRetryDelay = TimeSpan.FromHours(1) });

        await ClientOf(host).CreateSender("alerts").SendMessageAsync(new ServiceBusMessage("poison"), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => host.Seen.Count("mail poison 1") == 1);
        await host.PassAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(0, host.Seen.Count("mail poison 2"));
        await host.PassAsync(TimeSpan.FromMinutes(1), () => host.Seen.Count("mail poison 2") == 1);
        await host.PassAsync(TimeSpan.FromMinutes(2.5), () => host.Seen.Count("mail poison 3") == 1);

        await using var receiver = ClientOf(host).CreateReceiver("alerts", "mail", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var dead = await receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal("poison", dead.Body.ToString());
        Assert.Equal("MaxDeliveryCountExceeded", dead.DeadLetterReason);
        Assert.Equal(1, host.Seen.Notes.Count(n => n.StartsWith("audit poison", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_function_may_settle_its_messages_itself()
    {
        await using var host = await StartAsync([typeof(ManualSubscriber)]);
        var sender = ClientOf(host).CreateSender("work");

        await sender.SendMessagesAsync([new ServiceBusMessage("accept"), new ServiceBusMessage("refuse")], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => host.Seen.Count("manual accept") == 1 && host.Seen.Count("manual refuse") == 1);

        await using var receiver = ClientOf(host).CreateReceiver("work", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var dead = await receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(("NotForMe", "it says refuse"), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Equal("me", dead.ApplicationProperties["Who"]);
        await Eventually.HoldsAsync(() => CountOf(host, "work").Result == 0);
    }

    [Fact]
    public async Task Messages_of_a_session_are_handled_in_order_even_when_one_has_to_be_tried_again()
    {
        await using var host = await StartAsync([typeof(SessionSubscriber)], options: o => o with { RetryDelay = TimeSpan.Zero });
        var sender = ClientOf(host).CreateSender("orders");

        for (var i = 1; i <= 5; i++)
            await sender.SendMessagesAsync([new ServiceBusMessage($"a{i}") { SessionId = "a" }, new ServiceBusMessage($"b{i}") { SessionId = "b" }], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => host.Seen.Notes.Count == 10);

        Assert.Equal(["a:a1", "a:a2", "a:a3", "a:a4", "a:a5"], host.Seen.Notes.Where(n => n[0] == 'a'));
        Assert.Equal(["b:b1", "b:b2", "b:b3", "b:b4", "b:b5"], host.Seen.Notes.Where(n => n[0] == 'b'));
    }

    [Fact]
    public async Task So_many_sessions_are_worked_off_at_a_time_as_host_json_says_and_one_without_messages_makes_room_after_a_while()
    {
        await using var host = await StartAsync([typeof(SessionSubscriber)], hostJson: new HostJson { MaxConcurrentSessions = 2, SessionIdleTimeout = TimeSpan.FromSeconds(2) });
        var sender = ClientOf(host).CreateSender("orders");

        await SendAsync("x1", "y1");
        await Eventually.HoldsAsync(() => host.Seen.Notes.Count == 2);
        await SendAsync("z1", "x2");
        await Eventually.HoldsAsync(() => host.Seen.Count("x:x2") == 1);
        Assert.Equal(0, host.Seen.Count("z:z1"));

        await host.PassAsync(TimeSpan.FromSeconds(4), () => host.Seen.Count("z:z1") == 1);

        Task SendAsync(params string[] bodies)
            => sender.SendMessagesAsync(bodies.Select(b => new ServiceBusMessage(b) { SessionId = b[..1] }), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_host_stops_without_waiting_for_sessions_that_have_no_message()
    {
        var host = await StartAsync([typeof(SessionSubscriber)]);
        await ClientOf(host).CreateSender("orders").SendMessageAsync(new ServiceBusMessage("x1") { SessionId = "x" }, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => host.Seen.Notes.Count == 1);

        // The test's clock stands still, and with it the session's minute.
        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_administrator_gives_a_subscriber_a_message_that_nobody_else_gets()
    {
        await using var host = await StartAsync([typeof(Subscribers)]);

        Assert.Equal(HttpStatusCode.Accepted, (await host.RunNowAsync("Mail", "by hand")).StatusCode);

        await Eventually.HoldsAsync(() => host.Seen.Count("mail by hand 1") == 1);
        Assert.Single(host.Seen.Notes);
    }

    [Fact]
    public async Task A_topic_that_nobody_listens_to_takes_messages_and_an_unknown_one_says_so()
    {
        await using var host = await StartAsync([typeof(Subscribers)]);

        await ClientOf(host).CreateSender("unheard").SendMessageAsync(new ServiceBusMessage("m"), TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<ServiceBusException>(() =>
            ClientOf(host).CreateSender("unknown").SendMessageAsync(new ServiceBusMessage("m"), TestContext.Current.CancellationToken));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, refusal.Reason);
        Assert.Contains("unknown", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_namespace_in_Azure_is_refused_at_once_in_the_local_build()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => new ServiceBusClient("example.servicebus.windows.net", new NoCredential()));

        Assert.Contains("UseCloudPackages=true", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<int> CountOf(HostUnderTest host, string topic, string? subscription = null)
    {
        await using var receiver = subscription is null ? ClientOf(host).CreateReceiver(topic) : ClientOf(host).CreateReceiver(topic, subscription);
        return (await receiver.PeekMessagesAsync(100, cancellationToken: TestContext.Current.CancellationToken)).Count;
    }

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody asks for a token here.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody asks for a token here.");
    }
}
