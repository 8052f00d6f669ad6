namespace Ear.Local.Host;

/// <summary>How one host runs.</summary>
internal sealed class FunctionsHostOptions
{
    /// <summary>Folder of this host's own files (keys, timers, messages); created when missing, 0700. Required.</summary>
    public required string DataFolder { get; init; }

    /// <summary>What host.json says; defaults as on Azure.</summary>
    public HostJson HostJson { get; init; } = new();

    /// <summary>Where to listen; port 0 takes any free one, see <see cref="FunctionsHost.BaseAddress"/>.</summary>
    public string Url { get; init; } = "http://127.0.0.1:0";

    /// <summary>More addresses that serve the same, by https; their certificate is the builder's to configure.</summary>
    public IList<string> MoreUrls { get; } = [];

    /// <summary>How long running invocations may go on after a stop was asked for; 0 to 5 minutes. Then they are abandoned.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Lock duration, delivery limit and duplicate window of the in-process Service Bus.</summary>
    public ServiceBus.BrokerOptions ServiceBus { get; init; } = new();

    /// <summary>Settings that name the Service Bus namespace, beside those that triggers name.</summary>
    public IList<string> ServiceBusConnections { get; } = [];

    /// <summary>Topics that somebody publishes to though no function listens.</summary>
    public IList<string> Topics { get; } = [];

    /// <summary>What subscriptions hear that do not hear everything.</summary>
    public IList<ServiceBus.SubscriptionRule> ServiceBusRules { get; } = [];

    /// <summary>Kinds of trigger beside HTTP, timer and Service Bus.</summary>
    public IList<ITrigger> Triggers { get; } = [];

    /// <summary>Binders asked before the host's own.</summary>
    public IList<IParameterBinder> Binders { get; } = [];

    /// <summary>More paths that this host answers, beside the functions' and its own.</summary>
    public IList<Action<Microsoft.AspNetCore.Routing.IEndpointRouteBuilder>> Endpoints { get; } = [];

    /// <summary>All faults together.</summary>
    public void Validate()
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(DataFolder))
            faults.Add("DataFolder names no folder.");
        if (StopTimeout < TimeSpan.Zero || StopTimeout > TimeSpan.FromMinutes(5))
            faults.Add($"StopTimeout is {StopTimeout}; it must be between 0 and 5 minutes.");
        faults.AddRange(HostJson.Faults());
        faults.AddRange(ServiceBus.Faults());
        if (faults.Count > 0)
            throw new InvalidFunctionsException(faults);
    }
}
