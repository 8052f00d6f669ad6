using System.ComponentModel.DataAnnotations;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>Settings of the reconciliation, section <c>Ear:Reconciliation</c>.</summary>
public sealed class ReconciliationOptions
{
    public const string Section = "Ear:Reconciliation";

    /// <summary>How many unfinished clusters one minute's sweep wakes. Default 1,000, 1 to 100,000; more of them take their turn in the next minutes.</summary>
    [Range(1, 100_000)]
    public int WokenPerMinute { get; set; } = 1_000;
}

public static class ReconciliationRoom
{
    /// <summary>Needs a store, <see cref="IMachines"/> and a <see cref="Durable.ITaskHub"/>.</summary>
    public static IServiceCollection AddReconciliation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReconciliationOptions>().Bind(configuration.GetSection(ReconciliationOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIds, SystemIds>();
        services.TryAddSingleton<EarMeters>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IGaugeSource, OutstandingGoals>());
        services.TryAddSingleton<GoalBell>();
        services.TryAddSingleton<DurableReconciler>();
        services.TryAddSingleton<IReconciler>(s => s.GetRequiredService<DurableReconciler>());
        services.TryAddSingleton<IReportListener>(s => s.GetRequiredService<DurableReconciler>());
        return services
            .AddSingleton<ClusterLook>()
            .AddSingleton<NodeGoals>()
            .AddSingleton<NodeNotes>()
            .AddSingleton<NodeProvisioning>()
            .AddSingleton<ClusterMoves>()
            .AddSingleton<ClusterReconciliation>();
    }
}
