using System.Diagnostics;

namespace Ear.Agent.Tests.Fakes;

internal static class Eventually
{
    /// <summary>Looks until <paramref name="condition"/> holds; fails with <paramref name="what"/> when it does not within the bound.</summary>
    public static async Task HoldsAsync(Func<bool> condition, string what, int seconds = 30, Func<string>? seen = null)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"Not within {seconds} s: {what}. Seen: {seen?.Invoke()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
