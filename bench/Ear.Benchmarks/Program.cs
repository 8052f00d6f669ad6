using Ear.Benchmarks;
using Ear.Benchmarks.Api;
using Ear.Benchmarks.Durable;
using Ear.Benchmarks.Kms;
using Ear.Benchmarks.Sweep;

// One line for each benchmark: more are added here.
IBenchmark[] all = [new DurableBenchmark(), new SweepBenchmark(), new KmsBenchmark(), new ApiBenchmark()];

if (args is [SlowKms.Command, var delay])
{
    await SlowKms.ServeAsync(TimeSpan.FromMilliseconds(int.Parse(delay)));
    return 0;
}

if (args is [BareJson.Command])
{
    await BareJson.ServeAsync();
    return 0;
}

var chosen = args.Length > 0 ? Array.Find(all, benchmark => benchmark.Name == args[0]) : null;
if (chosen is null)
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench/Ear.Benchmarks -- <benchmark> [--rounds N] [--folder DIR]");
    foreach (var benchmark in all)
        Console.Error.WriteLine($"  {benchmark.Name,-10} {benchmark.About}");
    return 2;
}

if (BenchmarkOptions.Parse(args.AsSpan(1)) is not { } options)
{
    Console.Error.WriteLine("--rounds takes a number from 1 to 100, --folder an existing folder (on the disk to be measured).");
    return 2;
}

Console.WriteLine($"{chosen.Name}: {chosen.About}");
Console.WriteLine(Machine.Describe());
await chosen.RunAsync(options);
return 0;
