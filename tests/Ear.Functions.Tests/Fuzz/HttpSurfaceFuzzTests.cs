using System.Collections.Concurrent;
using System.Text;
using CsCheck;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>
/// Every operation of Ear's document, and the agents' API, with requests good, odd and spoilt. A failure prints the fewest requests that show it, and CsCheck's seed:
/// <c>CsCheck_Seed=… dotnet Ear.Functions.Tests.dll -class '*HttpSurfaceFuzzTests'</c> plays it again.
/// </summary>
public sealed class HttpSurfaceFuzzTests
{
    private const int Sessions = 2_500;
    private const int Requests = 40;

    private static readonly Gen<Step[]> Session =
        Gen.Select(Gen.Int[0, RequestMaker.Operations.Count - 1], Gen.UInt, (operation, seed) => new Step(operation, seed)).Array[Requests];

    [Fact]
    public async Task No_request_makes_the_doors_fail_leak_or_half_do_something()
    {
        var worlds = new ConcurrentBag<FuzzWorld>();
        try
        {
            await Session.SampleAsync(
                async steps =>
                {
                    var world = worlds.TryTake(out var free) ? free : await FuzzWorld.OpenAsync();
                    try
                    {
                        if (await PlayAsync(world, steps) is { } failed)
                            Assert.Fail(await FewestAsync(world, [.. steps.Take(failed.At + 1)]));
                    }
                    finally
                    {
                        worlds.Add(world);
                    }
                },
                iter: Sessions,
                print: steps => $"{steps.Length} requests");
        }
        finally
        {
            foreach (var world in worlds)
                await world.DisposeAsync();
        }
    }

    private static async Task<(int At, string Fault)?> PlayAsync(FuzzWorld world, IReadOnlyList<Step> steps)
    {
        var session = world.Begin();
        for (var i = 0; i < steps.Count; i++)
        {
            if (await session.PlayAsync(steps[i]) is { } fault)
                return (i, fault);
        }
        return null;
    }

    /// <summary>Leaves out what the failure does not need, from the end.</summary>
    private static async Task<string> FewestAsync(FuzzWorld world, List<Step> steps)
    {
        for (var i = steps.Count - 2; i >= 0; i--)
        {
            List<Step> fewer = [.. steps[..i], .. steps[(i + 1)..]];
            if (await PlayAsync(world, fewer) is { } failed && failed.At == fewer.Count - 1)
                steps = fewer;
        }
        var text = new StringBuilder($"Request {steps.Count} of these fails:\n");
        foreach (var step in steps)
            text.Append($"  [{RequestMaker.Operations[step.Operation].Id} {step.Seed}]\n");
        return text.Append((await PlayAsync(world, steps))?.Fault ?? "It fails no more when it is played again.").ToString();
    }
}
