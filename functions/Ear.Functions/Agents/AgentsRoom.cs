using Ear.Nodes;
using Ear.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Agents;

/// <summary>Settings of the agent API, section <c>Ear:Agents</c>.</summary>
public sealed class AgentOptions
{
    public const string Section = "Ear:Agents";

    /// <summary>How many nonces are remembered against replays, about 100 bytes each. Default 200,000, 1,000 to 10,000,000; 1,000 nodes use 12,000 in their ten minutes.</summary>
    public int RememberedNonces { get; set; } = 200_000;
}

internal sealed class AgentOptionsCheck : IValidateOptions<AgentOptions>
{
    public ValidateOptionsResult Validate(string? name, AgentOptions options)
    {
        var faults = new OptionFaults(AgentOptions.Section);
        faults.Within(nameof(options.RememberedNonces), options.RememberedNonces, 1_000, 10_000_000);
        return faults.Result;
    }
}

public static class AgentsRoom
{
    /// <summary>Needs a store, the key providers, and <see cref="IReportListener"/> and <see cref="GoalBell"/> from the reconciliation room.</summary>
    public static IServiceCollection AddAgents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AgentOptions>().Bind(configuration.GetSection(AgentOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AgentOptions>, AgentOptionsCheck>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GoalBell>();
        return services
            .AddSingleton<AgentNonces>()
            .AddSingleton<AgentGate>()
            .AddSingleton<SealingKey>()
            .AddSingleton<NodeEnrolment>()
            .AddSingleton<NodeReports>()
            .AddSingleton<NodePolls>()
            .AddSingleton<NodeKeys>();
    }
}
