using System.Collections.Immutable;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;

namespace Ear.Tests.CustomerKeys.Validation;

public sealed class FleetBreakerTests
{
    [Theory]
    [InlineData(20, 20, false)]
    [InlineData(21, 21, true)]
    [InlineData(21, 2_099, true)]
    [InlineData(21, 2_100, false)]
    [InlineData(1_000, 100_000, false)]
    [InlineData(1_001, 100_000, true)]
    public void It_trips_when_more_than_twenty_keys_and_more_than_a_hundredth_turn_invalid(int invalid, int configurations, bool trips)
    {
        var (allowed, suspended) = FleetBreaker.Judge(Findings(KeyProvider.Aws, invalid, configurations));
        Assert.Equal(trips ? [KeyProvider.Aws] : [], suspended);
        Assert.Equal(trips ? 0 : invalid, allowed.Length);
    }

    [Fact]
    public void One_provider_s_trouble_does_not_protect_the_keys_of_another()
    {
        var (allowed, suspended) = FleetBreaker.Judge(Findings(KeyProvider.Aws, 50, 50).Add(Findings(KeyProvider.Gcp, 2, 50)));
        Assert.Equal([KeyProvider.Aws], suspended);
        Assert.Equal([KeyProvider.Gcp, KeyProvider.Gcp], allowed.Select(k => k.Provider));
    }

    private static SweepFindings Findings(KeyProvider provider, int invalid, int configurations) => new(
        ImmutableDictionary<KeyProvider, int>.Empty.Add(provider, configurations),
        [.. Enumerable.Range(0, invalid).Select(i => new KeyRef(ProjectId.FromValid($"{i:x24}"), provider))],
        []);
}
