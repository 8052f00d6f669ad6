using System.Collections.Immutable;

namespace Ear.CustomerKeys.Validation;

/// <summary>One key configuration: a provider of a project.</summary>
public sealed record KeyRef(Projects.ProjectId Project, KeyProvider Provider);

/// <summary>What became of a part of a sweep. Ids and numbers only: it travels through an orchestration's history.</summary>
/// <param name="Configurations">How many were checked, by provider.</param>
/// <param name="Due">Confirmed invalid, not yet shut down.</param>
/// <param name="Suspects">An ambiguous no that a second check has to confirm.</param>
public sealed record SweepFindings(ImmutableDictionary<KeyProvider, int> Configurations, ImmutableArray<KeyRef> Due, ImmutableArray<KeyRef> Suspects)
{
    public static SweepFindings None { get; } = new(ImmutableDictionary<KeyProvider, int>.Empty, [], []);

    public SweepFindings Add(SweepFindings other) => new(
        other.Configurations.Aggregate(Configurations, (sum, c) => sum.SetItem(c.Key, sum.GetValueOrDefault(c.Key) + c.Value)),
        [.. Due, .. other.Due],
        [.. Suspects, .. other.Suspects]);
}

/// <summary>
/// Many keys of one provider that turn invalid in one sweep are more likely our fault (egress address, clock, own credential, trust
/// store) than that of so many customers: then nothing is shut down, and the operator is called (spec kms §2).
/// </summary>
public static class FleetBreaker
{
    public const int MoreThan = 20;
    public const double MoreThanShare = 0.01;

    /// <returns>The keys that may be shut down, and the providers whose shut-downs are suspended.</returns>
    public static (ImmutableArray<KeyRef> Allowed, ImmutableArray<KeyProvider> Suspended) Judge(SweepFindings findings)
    {
        var suspended = findings.Due.GroupBy(d => d.Provider)
            .Where(g => g.Count() > MoreThan && g.Count() > findings.Configurations.GetValueOrDefault(g.Key) * MoreThanShare)
            .Select(g => g.Key)
            .ToImmutableArray();
        return ([.. findings.Due.Where(d => !suspended.Contains(d.Provider))], suspended);
    }
}
