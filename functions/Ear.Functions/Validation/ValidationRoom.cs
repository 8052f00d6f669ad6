using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ear.Functions.Validation;

public static class ValidationRoom
{
    /// <summary>
    /// Needs a store, the key providers, and <see cref="Clusters.IReconciler"/>. The sweep's numbers (shard, parallel checks, confirmation,
    /// breaker) are not settings: they belong to invariants that tests hold.
    /// </summary>
    public static IServiceCollection AddValidation(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EarMeters>();
        services.AddSingleton<SweepLag>().AddSingleton<IGaugeSource>(s => s.GetRequiredService<SweepLag>());
        services.TryAddSingleton<KeyUse>();
        services.TryAddSingleton<KeyAlerts>();
        return services
            .AddSingleton<KeyConsequences>()
            .AddSingleton<KeyChecks>()
            .AddSingleton<KeyShutDown>()
            .AddSingleton<KeySweep>()
            .AddSingleton<IOnDemandValidation, OnDemandValidation>();
    }
}
