using Ear.Clusters;
using Ear.Nodes;
using Ear.Settings;
using Ear.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>Settings of the reconciliation, section <c>Ear:Reconciliation</c>.</summary>
public sealed class ReconciliationOptions
{
    public const string Section = "Ear:Reconciliation";

    /// <summary>How many unfinished clusters one minute's sweep wakes. Default 1,000, 1 to 100,000; more of them take their turn in the next minutes.</summary>
    public int WokenPerMinute { get; set; } = 1_000;
}

internal sealed class ReconciliationOptionsCheck : IValidateOptions<ReconciliationOptions>
{
    public ValidateOptionsResult Validate(string? name, ReconciliationOptions options)
    {
        var faults = new OptionFaults(ReconciliationOptions.Section);
        faults.Within(nameof(options.WokenPerMinute), options.WokenPerMinute, 1, 100_000);
        return faults.Result;
    }
}

public static class ReconciliationRoom
{
    /// <summary>Needs a store, <see cref="IMachines"/> and a <see cref="Durable.ITaskHub"/>.</summary>
    public static IServiceCollection AddReconciliation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReconciliationOptions>().Bind(configuration.GetSection(ReconciliationOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReconciliationOptions>, ReconciliationOptionsCheck>());
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
