using System.Text.RegularExpressions;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Clusters.Doors;

public static class ClusterDoorsRoom
{
    /// <summary>Needs <see cref="IReconciler"/> from the reconciliation.</summary>
    public static IServiceCollection AddClusterDoors(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ClusterDoorOptions>().Bind(configuration.GetSection(ClusterDoorOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ClusterDoorOptions>, ClusterDoorOptionsFaults>();
        services.TryAddSingleton<EventFactory>();
        services.TryAddSingleton<ClusterLook>();
        return services
            .AddSingleton(s => new ClusterDefaults(s.GetRequiredService<IOptions<ClusterDoorOptions>>().Value.MongoDBMajorVersion))
            .AddSingleton<ClusterSpecPatch>()
            .AddSingleton<ClusterWishes>()
            .AddSingleton<PrimaryRestarts>();
    }
}

/// <summary>Settings of clusters, section <c>Ear:Clusters</c>.</summary>
public sealed class ClusterDoorOptions
{
    public const string Section = "Ear:Clusters";

    /// <summary>Major version of the mongod that the machines have; a cluster cannot wish for another. Default 8.0.</summary>
    public string MongoDBMajorVersion { get; set; } = "8.0";
}

internal sealed partial class ClusterDoorOptionsFaults : IValidateOptions<ClusterDoorOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterDoorOptions options)
    {
        var faults = new OptionFaults(ClusterDoorOptions.Section);
        if (!MajorVersion().IsMatch(options.MongoDBMajorVersion))
            faults.Add(nameof(options.MongoDBMajorVersion), $"is '{options.MongoDBMajorVersion}'; write a version as 8.0.");
        return faults.Result;
    }

    [GeneratedRegex(@"\A[0-9]{1,2}\.[0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex MajorVersion();
}
