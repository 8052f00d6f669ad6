using System.Text.RegularExpressions;
using CsCheck;
using Ear.Functions.Tests.ApiDocument;
namespace Ear.Functions.Tests.Fuzz;
public sealed class CollectTemp
{
    [Fact]
    public async Task Collect()
    {
        var r = new Random(int.Parse(Environment.GetEnvironmentVariable("COLLECT_SEED") ?? "1"));
        await using var world = await FuzzWorld.OpenAsync();
        var found = new Dictionary<string, (int N, string First)>();
        var statuses = new SortedDictionary<string, int>();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var n = 0; var times = new Dictionary<string, double>();
        while (watch.Elapsed.TotalSeconds < int.Parse(Environment.GetEnvironmentVariable("COLLECT_SECONDS") ?? "20"))
        {
            var session = world.Begin();
            for (var i = 0; i < 40; i++, n++)
            {
                var step = new Step(r.Next(OpenApi.Own.Operations.Count), (uint)r.Next());
                var t0 = System.Diagnostics.Stopwatch.GetTimestamp(); var fault = await session.PlayAsync(step); var id = OpenApi.Own.Operations[step.Operation].Id; times[id] = times.GetValueOrDefault(id) + System.Diagnostics.Stopwatch.GetElapsedTime(t0).TotalMilliseconds;
                if (session.Last is { } l) statuses[$"{OpenApi.Own.Operations[step.Operation].Id} {l}"] = statuses.GetValueOrDefault($"{OpenApi.Own.Operations[step.Operation].Id} {l}") + 1;
                if (fault is null) continue;
                var key = Regex.Replace(fault.Split('\n')[0], " by \\w+|[0-9a-f]{8,}", "");
                if (key.Length > 260) key = key[..260];
                found[key] = found.TryGetValue(key, out var f) ? (f.N + 1, f.First) : (1, fault);
            }
        }
        foreach (var (k, v) in times.OrderByDescending(t => t.Value).Take(12)) Console.WriteLine($"{k} {v:f0} ms");
 Console.WriteLine($"{n} requests in {watch.Elapsed}");
        File.WriteAllLines("/tmp/ear/fuzz-status.txt", statuses.Select(s => $"{s.Key}: {s.Value}"));
        File.WriteAllText("/tmp/ear/fuzz-found.txt", string.Join("\n\n", found.OrderByDescending(f => f.Value.N).Select(f => $"#### {f.Value.N}x {f.Value.First}")));
        File.WriteAllText("/tmp/ear/fuzz-keys.txt", string.Join("\n", found.OrderByDescending(f => f.Value.N).Select(f => $"{f.Value.N}x {f.Key}")));
    }
}
