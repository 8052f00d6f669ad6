using Ear.Alerts;
using Ear.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Ear.Providers.ServiceBus;

/// <summary>Which topic hears the events of the projects, and how eagerly the outbox is emptied.</summary>
public sealed class AnnouncerOptions
{
    public const string Section = "Ear:Announcer";

    /// <summary>
    /// With duplicate detection (infra/modules/serviceBus.bicep): a repeat after a lost answer is dropped there. Not of this section: setting
    /// <see cref="TopicSetting"/>, as triggers name it, so that nobody announces where nobody listens.
    /// </summary>
    public string Topic { get; internal set; } = EventsTopic.Name;

    /// <summary>No default.</summary>
    internal const string TopicSetting = "EventsTopic";

    /// <summary>Where the Service Bus is, for triggers and for Ear alike: an identity-based connection (<see cref="NamespaceSetting"/>), or a connection string.</summary>
    internal const string Connection = "AzureWebJobsServiceBus";

    internal const string NamespaceSetting = $"{Connection}:fullyQualifiedNamespace";

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
        var faults = new OptionFaults(AnnouncerOptions.Section);
        faults.Within(nameof(options.BatchSize), options.BatchSize, 1, 4096);
        faults.Within(nameof(options.IdleDelay), options.IdleDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        faults.Within(nameof(options.MaxRetryDelay), options.MaxRetryDelay, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        var bus = new OptionFaults(section: "");
        if (string.IsNullOrWhiteSpace(options.Topic))
            bus.Add(AnnouncerOptions.TopicSetting, "is empty; name the Service Bus topic of the events, e.g. ear-events.");
        Connection(bus, configuration[AnnouncerOptions.Connection], configuration[AnnouncerOptions.NamespaceSetting]);
        return faults.All.Count + bus.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.All.Concat(bus.All));
    }

    // Without the values: what stands there may be a connection string.
    private static void Connection(OptionFaults faults, string? connectionString, string? fullyQualifiedNamespace)
    {
        if (string.IsNullOrWhiteSpace(fullyQualifiedNamespace) && string.IsNullOrWhiteSpace(connectionString))
            faults.Add(AnnouncerOptions.NamespaceSetting, "is empty; write the host name of the Service Bus, e.g. ear.servicebus.windows.net.");
        else if (!string.IsNullOrWhiteSpace(fullyQualifiedNamespace) && !string.IsNullOrWhiteSpace(connectionString))
            faults.Add(AnnouncerOptions.NamespaceSetting, $"and {AnnouncerOptions.Connection} are both set, and triggers follow the second one; choose one.");
        else if (!string.IsNullOrWhiteSpace(fullyQualifiedNamespace) && Uri.CheckHostName(fullyQualifiedNamespace) is not UriHostNameType.Dns)
            faults.Add(AnnouncerOptions.NamespaceSetting, "is no host name; write as ear.servicebus.windows.net, without sb:// and without a path.");
    }
}
