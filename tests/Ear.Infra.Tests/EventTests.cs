using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using Ear.Alerts;
using Ear.Functions;
using Ear.Infra.Tests.Compiling;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Infra.Tests;

/// <summary>The topic and its subscriptions, beside the triggers in the app that read them.</summary>
public sealed class EventTests(Scenes scenes)
{
    private const string Topics = "Microsoft.ServiceBus/namespaces/topics";
    private const string Subscriptions = "Microsoft.ServiceBus/namespaces/topics/subscriptions";

    private static IReadOnlyList<ServiceBusTriggerAttribute> Triggers { get; } = [.. typeof(EarApp).Assembly.GetTypes()
        .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
        .Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null)
        .SelectMany(m => m.GetParameters())
        .Select(p => p.GetCustomAttribute<ServiceBusTriggerAttribute>())
        .OfType<ServiceBusTriggerAttribute>()];

    [Fact]
    public async Task Every_trigger_has_its_subscription_and_every_subscription_a_reader()
    {
        Assert.Equal(EventsTopic.OfTheApp.Select(s => s.Name).Order(StringComparer.Ordinal), Triggers.Select(t => t.SubscriptionName).Order(StringComparer.Ordinal));

        // One that nobody reads only fills up, and then nothing can be sent any more.
        Assert.Equal(EventsTopic.OfTheApp.Select(s => s.Name).Order(StringComparer.Ordinal), Names(await scenes.Plain).Order(StringComparer.Ordinal));
        Assert.Equal(Triggers.Select(t => t.SubscriptionName).Append("audit").Order(StringComparer.Ordinal), Names(await scenes.Everything).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Trigger_and_subscription_agree_on_topic_connection_and_sessions()
    {
        var deployment = await scenes.Everything;
        foreach (var trigger in Triggers)
        {
            var topic = Regex.Replace(trigger.TopicName!, "%(.+)%", m => deployment.Settings[m.Groups[1].Value]);
            var subscription = deployment.Of(Subscriptions).Single(s => s.Name.EndsWith($"/{topic}/{trigger.SubscriptionName}", StringComparison.Ordinal));

            Assert.Equal(trigger.IsSessionsEnabled ? "true" : "false", subscription.Text("requiresSession"));
            Assert.Contains($"AzureWebJobs{trigger.Connection ?? "ServiceBus"}__fullyQualifiedNamespace", deployment.Settings.Keys);
        }
    }

    [Fact]
    public async Task A_project_s_events_come_once_and_in_order_and_what_cannot_be_delivered_is_kept()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var topic = deployment.Of(Topics).Single();
            Assert.Equal("true", topic.Text("requiresDuplicateDetection"));
            Assert.EndsWith($"/{EventsTopic.Name}", topic.Name, StringComparison.Ordinal);
            Assert.Equal(EventsTopic.DuplicateWindow, XmlConvert.ToTimeSpan(topic.Text("duplicateDetectionHistoryTimeWindow")!));
            Assert.Equal("P14D", topic.Text("defaultMessageTimeToLive"));
            Assert.All(deployment.Of(Subscriptions), s => Assert.Equal(("true", "true", "10"), (s.Text("requiresSession"), s.Text("deadLetteringOnMessageExpiration"), s.Text("maxDeliveryCount"))));
        }
    }

    [Fact]
    public async Task Each_subscription_hears_what_the_local_broker_lets_it_hear()
    {
        var plain = await scenes.Plain;
        Assert.All(EventsTopic.OfTheApp, s => Assert.Equal(Types(s.SqlRule), Types(Rule(plain, s.Name))));
        Assert.Equal(EventsTopic.Audit.SqlRule, Rule(await scenes.Everything, EventsTopic.Audit.Name));
    }

    [Fact]
    public async Task No_subscription_has_a_second_rule_that_lets_everything_through()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            // Service Bus makes $Default by itself; only a rule of that name takes its place.
            Assert.Equal(Names(deployment).Select(n => $"{n}/$Default").Order(StringComparer.Ordinal),
                deployment.Of($"{Subscriptions}/rules").Select(r => string.Join('/', r.Name.Split('/')[^2..])).Order(StringComparer.Ordinal));
        }
    }

    private static string Rule(Deployment deployment, string subscription)
        => deployment.Of($"{Subscriptions}/rules").Single(r => r.Name.EndsWith($"/{subscription}/$Default", StringComparison.Ordinal)).Text("sqlFilter", "sqlExpression")!;

    /// <summary>The form of a rule, and its types in order.</summary>
    private static IEnumerable<string> Types(string rule)
        => Regex.Matches(rule, "'([^']+)'").Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal).Prepend(Regex.Replace(rule, "'[^']+'(, )?", ""));

    private static IEnumerable<string> Names(Deployment deployment) => deployment.Of(Subscriptions).Select(s => s.Name.Split('/')[^1]);
}
