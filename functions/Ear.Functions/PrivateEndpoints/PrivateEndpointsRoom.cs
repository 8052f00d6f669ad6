using Ear.PrivateEndpoints;
using Ear.Settings;
using Ear.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>Settings of private endpoints, section <c>Ear:PrivateEndpoints</c>.</summary>
public sealed class PrivateEndpointOptions
{
    public const string Section = "Ear:PrivateEndpoints";

    /// <summary>How long an endpoint may be INITIATING before it becomes FAILED. Default 1 hour, from 1 minute to 1 day.</summary>
    public TimeSpan ProvisionWithin { get; set; } = TimeSpan.FromHours(1);

    /// <summary>True: DELETE of an endpoint that is INITIATING is refused, as Atlas does; then one that hangs blocks its project until it fails. Default false: it is cancelled.</summary>
    public bool RefuseDeleteDuringProvisioning { get; set; }

    /// <summary>How many endpoints one minute's sweep looks after. Default 1,000, 1 to 100,000; more of them take their turn in the next minutes.</summary>
    public int WokenPerMinute { get; set; } = 1_000;
}

internal sealed class PrivateEndpointOptionsCheck : IValidateOptions<PrivateEndpointOptions>
{
    public ValidateOptionsResult Validate(string? name, PrivateEndpointOptions options)
    {
        var faults = new OptionFaults(PrivateEndpointOptions.Section);
        faults.Within(nameof(options.ProvisionWithin), options.ProvisionWithin, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
        faults.Within(nameof(options.WokenPerMinute), options.WokenPerMinute, 1, 100_000);
        return faults.Result;
    }
}

public static class PrivateEndpointsRoom
{
    /// <summary>Needs a store, a <see cref="Durable.ITaskHub"/>, and an <see cref="IPrivateLink"/> per cloud; without one, private networking of that cloud is refused.</summary>
    public static IServiceCollection AddPrivateEndpoints(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PrivateEndpointOptions>().Bind(configuration.GetSection(PrivateEndpointOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PrivateEndpointOptions>, PrivateEndpointOptionsCheck>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EarMeters>();
        services.TryAddSingleton<DurableEndpointWaker>();
        services.TryAddSingleton<IPrivateEndpointWaker>(s => s.GetRequiredService<DurableEndpointWaker>());
        return services
            .AddSingleton(s => Terms(s.GetRequiredService<IOptions<PrivateEndpointOptions>>().Value))
            .AddSingleton<PrivateLinks>()
            .AddSingleton<PrivateNetworking>()
            .AddSingleton<PrivateEndpointWishes>()
            .AddSingleton<PrivateEndpointProvisioning>();
    }

    private static PrivateEndpointTerms Terms(PrivateEndpointOptions options) => new(options.ProvisionWithin, options.RefuseDeleteDuringProvisioning);
}
