using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Copies;

public static class CopiesRoom
{
    /// <summary>Needs <see cref="Ear.Copies.IStateCopies"/> and the setting <c>CopySchedule</c> (<see cref="CopyScheduleOptions"/>).</summary>
    public static IServiceCollection AddCopies(this IServiceCollection services)
    {
        services.AddOptions<CopyScheduleOptions>().BindConfiguration(CopyScheduleOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CopyScheduleOptions>, CopyScheduleOptionsCheck>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EarMeters>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IGaugeSource, CopyAge>());
        return services;
    }
}
