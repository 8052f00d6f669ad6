using System.Collections.Immutable;
using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

/// <summary>Counts what a part of a sweep finds. Healthy keys, which nearly all are, cost a number.</summary>
internal sealed class SweepTally
{
    private readonly Lock gate = new();
    private readonly Dictionary<KeyProvider, int> configurations = [];
    private readonly List<KeyRef> due = [];
    private readonly List<KeyRef> suspects = [];

    /// <param name="standing">As it stands after its check; null: the provider was switched off meanwhile.</param>
    public void Add(ProjectId project, KeyProvider provider, KeyStanding? standing, DateTimeOffset now)
    {
        lock (gate)
        {
            configurations[provider] = configurations.GetValueOrDefault(provider) + 1;
            if (standing?.IsDueForShutDown(now) is true)
                due.Add(new(project, provider));
            if (standing?.IsSuspect(now) is true)
                suspects.Add(new(project, provider));
        }
    }

    public SweepFindings Findings()
    {
        lock (gate)
            return new(configurations.ToImmutableDictionary(), [.. due], [.. suspects]);
    }
}
