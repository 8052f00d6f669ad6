using System.Diagnostics;

namespace Ear.Benchmarks;

/// <summary>Operations a second, over several rounds.</summary>
internal sealed record Rates(string What, string Unit, IReadOnlyList<double> Each, string Load)
{
    public double Median => Each.Order().ElementAt(Each.Count / 2);

    public override string ToString() =>
        $"{What,-46} {Median,10:N0} {Each.Min(),10:N0} {Each.Max(),10:N0}  {Unit,-14} {Load}";
}

internal static class Rounds
{
    public static void PrintHead() =>
        Console.WriteLine($"{"",-46} {"median",10} {"least",10} {"most",10}  {"per second",-14} load");

    /// <summary>One round to warm up, then the measured ones.</summary>
    /// <param name="round">Does the work and says how many operations that were.</param>
    public static async Task<Rates> MeasureAsync(string what, string unit, int rounds, Func<Task<int>> round)
    {
        await round();
        var each = new List<double>();
        for (var n = 0; n < rounds; n++)
        {
            var watch = Stopwatch.StartNew();
            var operations = await round();
            each.Add(operations / watch.Elapsed.TotalSeconds);
        }

        var rates = new Rates(what, unit, each, Machine.Load());
        Console.WriteLine(rates);
        return rates;
    }
}
