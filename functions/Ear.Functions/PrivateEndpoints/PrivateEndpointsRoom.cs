using System.ComponentModel.DataAnnotations;
using Ear.PrivateEndpoints;
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
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan ProvisionWithin { get; set; } = TimeSpan.FromHours(1);

    /// <summary>True: DELETE of an endpoint that is INITIATING is refused, as Atlas does; then one that hangs blocks its project until it fails. Default false: it is cancelled.</summary>
    public bool RefuseDeleteDuringProvisioning { get; set; }

    /// <summary>How many endpoints one minute's sweep looks after. Default 1,000, 1 to 100,000; more of them take their turn in the next minutes.</summary>
    [Range(1, 100_000)]
    public int WokenPerMinute { get; set; } = 1_000;
}

public static class PrivateEndpointsRoom
{
    /// <summary>Needs a store, a <see cref="Durable.ITaskHub"/>, and an <see cref="IPrivateLink"/> per cloud; without one, private networking of that cloud is refused.</summary>
    public static IServiceCollection AddPrivateEndpoints(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PrivateEndpointOptions>().Bind(configuration.GetSection(PrivateEndpointOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
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
