using Azure.Messaging.ServiceBus;

namespace Ear.Local.ServiceBus;

/// <summary>What exists in a namespace. A topic without subscriptions accepts messages and keeps none, as on Azure.</summary>
internal sealed record BrokerEntities(
    IReadOnlyList<string> Queues, IReadOnlyList<string> Topics, IReadOnlyList<(string Topic, string Subscription)> Subscriptions)
{
    /// <summary>A subscription without one hears everything, as by the rule that Azure makes by itself.</summary>
    public IReadOnlyList<SubscriptionRule> Rules { get; init; } = [];
}

/// <summary>A subscription hears the messages whose application property has one of the values: <c>user.property IN (…)</c> of Service Bus' filters.</summary>
internal sealed record SubscriptionRule(string Topic, string Subscription, string Property, IReadOnlyCollection<string> Values)
{
    /// <summary>A message without the property, or with a number in it, is not heard: in the filter language, too, comparing with it is never true.</summary>
    public bool Hears(ServiceBusMessage message) =>
        message.ApplicationProperties.TryGetValue(Property, out var value) && value is string text && Values.Contains(text);
}
