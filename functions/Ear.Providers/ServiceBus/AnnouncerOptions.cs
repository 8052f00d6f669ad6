using Ear.Alerts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Ear.Providers.ServiceBus;

/// <summary>Which topic hears the events of the projects, and how eagerly the outbox is emptied.</summary>
public sealed class AnnouncerOptions
{
    public const string Section = "Ear:Announcer";

    /// <summary>With duplicate detection (infra/main.bicep): a repeat after a lost answer is dropped there. Default ear-events.</summary>
    public string Topic { get; set; } = EventsTopic.Name;

    /// <summary>The connection, as a trigger names it: setting <c>X:fullyQualifiedNamespace</c>, or <c>X</c> with a connection string. Default AzureWebJobsServiceBus.</summary>
    public string Connection { get; set; } = "AzureWebJobsServiceBus";

    /// <summary>Events taken from the outbox at once. Default 256, 1 to 4,096.</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>Wait before looking into an empty outbox again: the longest delay of an announcement. Default 200 ms, 10 ms to 1 minute.</summary>
    public TimeSpan IdleDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait after failures, which double from 1 s, half of it random. Default 30 s, 1 s to 10 minutes.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);
}

internal sealed class AnnouncerOptionsCheck(IConfiguration configuration) : IValidateOptions<AnnouncerOptions>
{
    public ValidateOptionsResult Validate(string? name, AnnouncerOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Topic))
            faults.Add($"{AnnouncerOptions.Section}:Topic is empty; name the Service Bus topic of the events, e.g. ear-events.");
        if (string.IsNullOrWhiteSpace(options.Connection))
            faults.Add($"{AnnouncerOptions.Section}:Connection is empty; name the setting that says where the Service Bus is, e.g. AzureWebJobsServiceBus.");
        else if (configuration[options.Connection] is null && configuration[$"{options.Connection}:fullyQualifiedNamespace"] is null)
            faults.Add($"Neither {options.Connection}:fullyQualifiedNamespace nor {options.Connection} is set; one of them says where the Service Bus is.");
        if (options.BatchSize is < 1 or > 4096)
            faults.Add($"{AnnouncerOptions.Section}:BatchSize is {options.BatchSize}; choose 1 to 4096.");
        if (options.IdleDelay < TimeSpan.FromMilliseconds(10) || options.IdleDelay > TimeSpan.FromMinutes(1))
            faults.Add($"{AnnouncerOptions.Section}:IdleDelay is {options.IdleDelay}; choose 10 ms to 1 minute.");
        if (options.MaxRetryDelay < TimeSpan.FromSeconds(1) || options.MaxRetryDelay > TimeSpan.FromMinutes(10))
            faults.Add($"{AnnouncerOptions.Section}:MaxRetryDelay is {options.MaxRetryDelay}; choose 1 s to 10 minutes.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
