using System.Diagnostics;

namespace Ear.Mongod.Tests;

/// <summary>Waits for a condition by looking at it, with a bound; the failure says what was seen.</summary>
internal static class Until
{
    public static Task TrueAsync(Func<bool> condition, TimeSpan limit, Func<string> otherwise) => TrueAsync(() => Task.FromResult(condition()), limit, otherwise);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan limit, Func<string> otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > limit) Assert.Fail($"Not within {limit.TotalSeconds} s: {otherwise()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
