using System.Diagnostics;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Providers.AwsKms;
using Ear.Secrets;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Benchmarks.Sweep;

/// <summary>A sweep of stored configurations with a KMS that answers in 20 ms, 256 checks in flight, beside as many bare POSTs.</summary>
internal sealed class SweepBenchmark : IBenchmark
{
    private const int Configurations = 10_000;
    private static readonly TimeSpan KmsDelay = TimeSpan.FromMilliseconds(20);
    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    public string Name => "sweep";

    public string About => "checks of stored key configurations, KMS of 20 ms, 256 in flight, beside the bare HttpClient; memory from 10,000 to 1,000,000 (EAR_BENCH_SIZES)";

    public async Task RunAsync(BenchmarkOptions options)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Folder, $"ear-sweep-{Environment.ProcessId}")).FullName;
        try
        {
            using var kms = await SlowKms.StartAsync(KmsDelay);
            using var http = Client(kms.Url);
            var key = new HttpKey(http);
            await using var fleet = await Fleet.OpenAsync(folder, services => services.AddSingleton<ICustomerKey>(key));
            await fleet.AddAsync(0, Configurations);

            Rounds.PrintHead();
            await Rounds.MeasureAsync("bare HttpClient, 256 in flight", "POSTs", options.Rounds, () => BareAsync(http));
            var allocated = await SweepsAsync("sweep, 256 checks in flight", fleet, options);
            var allocatedByAws = await ByAwsSdkAsync(folder, kms.Url, options);
            Console.WriteLine($"allocated a configuration in the last round: {allocated:N0} bytes, of which the bare POST takes {await BareBytesAsync(http):N0}; by the AWS SDK {allocatedByAws:N0}");
            await MemoryAsync(fleet);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same with Ear's own provider for AWS: sessions, gates, the vendor's SDK and its signatures. In a store of its own: the other one is open.</summary>
    private static async Task<long> ByAwsSdkAsync(string folder, Uri kms, BenchmarkOptions options)
    {
        await using var fleet = await Fleet.OpenAsync(Directory.CreateDirectory(Path.Combine(folder, "aws")).FullName, services => services
            .AddSingleton<ISecrets, NoSecrets>()
            .AddAwsKms()
            .Configure<AwsKmsOptions>(o => (o.KmsEndpoint, o.StsEndpoint, o.AccessKeyId, o.SecretAccessKey) = (kms, kms, "ear", "ear")));
        await fleet.AddAsync(0, Configurations);
        return await SweepsAsync("sweep by the AWS SDK, 256 checks in flight", fleet, options);
    }

    /// <returns>Bytes allocated a configuration in the last round.</returns>
    private static async Task<long> SweepsAsync(string what, Fleet fleet, BenchmarkOptions options)
    {
        var allocated = 0L;
        await Rounds.MeasureAsync(what, "configurations", options.Rounds, async () =>
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var count = await fleet.SweepAsync();
            allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / count;
            return count;
        });
        return allocated;
    }

    private static async Task MemoryAsync(Fleet fleet)
    {
        var sizes = Environment.GetEnvironmentVariable("EAR_BENCH_SIZES") is { Length: > 0 } given ? [.. given.Split(',').Select(int.Parse)] : Sizes;
        Console.WriteLine($"{"configurations",14} {"seconds",9} {"a second",9} {"most managed heap, MB",22} {"most working set, MB",21}");
        var filled = Configurations;
        foreach (var size in sizes)
        {
            if (size > filled)
                await fleet.AddAsync(filled, size);
            filled = Math.Max(filled, size);
            GC.Collect();
            using var stop = new CancellationTokenSource();
            var watching = WatchAsync(stop.Token);
            var watch = Stopwatch.StartNew();
            var count = await fleet.SweepAsync();
            var seconds = watch.Elapsed.TotalSeconds;
            await stop.CancelAsync();
            var (heap, workingSet) = await watching;
            Console.WriteLine($"{count,14:N0} {seconds,9:N1} {count / seconds,9:N0} {heap / 1e6,22:N0} {workingSet / 1e6,21:N0}");
        }
    }

    private static async Task<(long Heap, long WorkingSet)> WatchAsync(CancellationToken stop)
    {
        var (heap, workingSet) = (0L, 0L);
        using var me = Process.GetCurrentProcess();
        while (!stop.IsCancellationRequested)
        {
            me.Refresh();
            heap = Math.Max(heap, GC.GetTotalMemory(forceFullCollection: false));
            workingSet = Math.Max(workingSet, me.WorkingSet64);
            await Task.Delay(50, CancellationToken.None);
        }
        return (heap, workingSet);
    }

    private static async Task<int> BareAsync(HttpClient http)
    {
        var body = new byte[150];
        await Parallel.ForEachAsync(Enumerable.Range(0, Configurations), new ParallelOptions { MaxDegreeOfParallelism = KeySweep.ParallelChecks }, async (_, stop) => await HttpKey.PostAsync(http, body, stop));
        return Configurations;
    }

    private static async Task<long> BareBytesAsync(HttpClient http)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await BareAsync(http);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Configurations;
    }

    private static HttpClient Client(Uri url) => new(new SocketsHttpHandler { MaxConnectionsPerServer = KeySweep.ParallelChecks }) { BaseAddress = url };
}
