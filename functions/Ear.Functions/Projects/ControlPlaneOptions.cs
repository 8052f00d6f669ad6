using System.Net;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Projects;

/// <summary>
/// Ear's own addresses, section <c>Ear:ControlPlane</c>: cloud (aws, azure, gcp), region, ranges in CIDR notation separated by commas, as
/// <c>Ear:ControlPlane:Outbound:aws:us-east-1 = 192.0.2.1/32,192.0.2.2/32</c>. Anybody can read them without authentication. A setting of an app on Linux
/// cannot have hyphens in Azure, so <c>us_east_1</c> means the same.
/// </summary>
public sealed class ControlPlaneOptions
{
    public const string Section = "Ear:ControlPlane";

    public static IReadOnlyList<string> Clouds { get; } = ["aws", "azure", "gcp"];

    /// <summary>Where Ear is reached. Default: none.</summary>
    public Dictionary<string, Dictionary<string, string>> Inbound { get; set; } = [];

    /// <summary>Where Ear calls key services from (R23). Default: none.</summary>
    public Dictionary<string, Dictionary<string, string>> Outbound { get; set; } = [];

    /// <summary>No region of any cloud has an underscore in its name.</summary>
    public static string RegionIn(string key) => key.Replace('_', '-');

    public static string[] RangesIn(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

internal sealed class ControlPlaneOptionsFaults : IValidateOptions<ControlPlaneOptions>
{
    public ValidateOptionsResult Validate(string? name, ControlPlaneOptions options)
    {
        var faults = new OptionFaults(ControlPlaneOptions.Section);
        Check(faults, nameof(options.Inbound), options.Inbound);
        Check(faults, nameof(options.Outbound), options.Outbound);
        return faults.Result;
    }

    private static void Check(OptionFaults faults, string side, Dictionary<string, Dictionary<string, string>> clouds)
    {
        foreach (var (cloud, regions) in clouds)
        {
            if (!ControlPlaneOptions.Clouds.Contains(cloud))
                faults.Add($"{side}:{cloud}", $"is no cloud: {string.Join(", ", ControlPlaneOptions.Clouds)}.");
            foreach (var twice in regions.Keys.GroupBy(ControlPlaneOptions.RegionIn).Where(r => r.Count() > 1))
                faults.Add($"{side}:{cloud}", $"has {twice.Key} twice: {string.Join(" and ", twice)}.");
            foreach (var (region, list) in regions)
            {
                foreach (var range in ControlPlaneOptions.RangesIn(list).Where(r => !IPNetwork.TryParse(r, out _)))
                    faults.Add($"{side}:{cloud}:{region}", $"has '{range}', which is no range as 192.0.2.1/32.");
            }
        }
    }
}
