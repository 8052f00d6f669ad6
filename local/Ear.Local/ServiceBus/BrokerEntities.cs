namespace Ear.Local.ServiceBus;

/// <summary>What exists in a namespace. A topic without subscriptions accepts messages and keeps none, as on Azure.</summary>
internal sealed record BrokerEntities(
    IReadOnlyList<string> Queues, IReadOnlyList<string> Topics, IReadOnlyList<(string Topic, string Subscription)> Subscriptions);
