using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ear.Functions.Copies;

public static class CopiesRoom
{
    /// <summary>Needs <see cref="Ear.Copies.IStateCopies"/> and the setting <c>CopySchedule</c>, an NCRONTAB expression.</summary>
    public static IServiceCollection AddCopies(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EarMeters>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IGaugeSource, CopyAge>());
        return services;
    }
}
