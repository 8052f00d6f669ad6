using System.Reflection;
using Azure.Messaging.ServiceBus;
using Ear.Local.Host;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.ServiceBus;

/// <summary>What a Service Bus function is given: the message, and the means to settle it.</summary>
internal sealed record Delivery(ServiceBusReceivedMessage Message, ServiceBusMessageActions Actions);

internal sealed class ServiceBusTrigger(IConfiguration configuration) : ITrigger, IParameterBinder
{
    public const string Type = "serviceBusTrigger";

    public string BindingType => Type;

    public bool Owns(ParameterInfo parameter) => parameter.IsDefined(typeof(ServiceBusTriggerAttribute));

    public void Check(IReadOnlyList<FunctionDescriptor> functions, ICollection<string> faults)
    {
        foreach (var function in functions)
        {
            if (function.TriggerParameter.ParameterType != typeof(ServiceBusReceivedMessage))
                faults.Add($"Function {function.Name}: the parameter with ServiceBusTrigger must be a ServiceBusReceivedMessage.");
            if (function.Result != typeof(void))
                faults.Add($"Function {function.Name}: it returns {function.Result.Name}, which nobody receives; a Service Bus function returns nothing.");
            if (Source(function) is null)
                faults.Add($"Function {function.Name}: its ServiceBusTrigger names a setting that has no value.");
        }

        foreach (var same in functions.GroupBy(Source, StringComparer.OrdinalIgnoreCase).Where(g => g.Key is not null && g.Count() > 1))
            faults.Add($"Functions {string.Join(" and ", same.Select(f => f.Name))} listen to the same {same.Key}: each message would reach only one of them.");
    }

    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function)
    {
        if (function.Trigger != this)
            return null;
        if (parameter.ParameterType == typeof(ServiceBusReceivedMessage))
            return context => ((Delivery)context.Trigger!).Message;
        if (parameter.ParameterType == typeof(ServiceBusMessageActions))
            return context => ((Delivery)context.Trigger!).Actions;
        return null;
    }

    /// <summary>Puts a message with this body into the function's own queue or subscription, and nobody else's.</summary>
    public async ValueTask<string?> RunNowAsync(FunctionInvoker function, string input, IServiceProvider services)
    {
        await services.GetRequiredService<Broker>().SendAsync(PathOf(function.Function), [new ServiceBusMessage(input)], CancellationToken.None);
        return null;
    }

    /// <summary>Only for functions that passed <see cref="Check"/>.</summary>
    public string PathOf(FunctionDescriptor function) =>
        Source(function) ?? throw new InvalidOperationException($"Function {function.Name} has no queue or subscription.");

    /// <summary>Everything that the functions listen to, and topics that are only published to.</summary>
    public BrokerEntities Entities(IReadOnlyList<FunctionDescriptor> functions, IEnumerable<string> topics)
    {
        var attributes = functions.Select(f => f.Attribute<ServiceBusTriggerAttribute>()).ToList();
        return new BrokerEntities(
            [.. attributes.Where(a => a.QueueName is not null).Select(a => Setting.Resolve(a.QueueName!, configuration)!)],
            [.. topics],
            [.. attributes.Where(a => a.QueueName is null).Select(a =>
                (Setting.Resolve(a.TopicName!, configuration)!, Setting.Resolve(a.SubscriptionName!, configuration)!))]);
    }

    private string? Source(FunctionDescriptor function)
    {
        var attribute = function.Attribute<ServiceBusTriggerAttribute>();
        if (attribute.QueueName is { } queue)
            return Setting.Resolve(queue, configuration);
        return Setting.Resolve(attribute.TopicName!, configuration) is { } topic && Setting.Resolve(attribute.SubscriptionName!, configuration) is { } subscription
            ? EntityPaths.Subscription(topic, subscription)
            : null;
    }
}
