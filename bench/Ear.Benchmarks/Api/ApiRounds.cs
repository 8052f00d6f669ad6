using System.Diagnostics;

namespace Ear.Benchmarks.Api;

/// <summary>Requests a second, by the clock and for each second of the server's processor time.</summary>
internal static class ApiRounds
{
    public static void PrintHead()
        => Console.WriteLine($"{"",-42} {"a second",9} {"least",8} {"most",8} {"a core",9} {"least",8} {"most",8}  load");

    /// <param name="processor">What the server has used so far.</param>
    /// <param name="round">Does the work and says how many requests that were.</param>
    public static async Task MeasureAsync(string what, int rounds, Func<TimeSpan> processor, Func<Task<int>> round)
    {
        await round();
        var (wall, core) = (new List<double>(), new List<double>());
        for (var n = 0; n < rounds; n++)
        {
            var (watch, before) = (Stopwatch.StartNew(), processor());
            var requests = await round();
            wall.Add(requests / watch.Elapsed.TotalSeconds);
            core.Add(requests / (processor() - before).TotalSeconds);
        }
        Console.WriteLine($"{what,-42} {Median(wall),9:N0} {wall.Min(),8:N0} {wall.Max(),8:N0} {Median(core),9:N0} {core.Min(),8:N0} {core.Max(),8:N0}  {Machine.Load()}");
    }

    private static double Median(List<double> each) => each.Order().ElementAt(each.Count / 2);
}
