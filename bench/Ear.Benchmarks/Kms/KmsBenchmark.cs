using System.Globalization;
using Ear.Benchmarks.Sweep;

namespace Ear.Benchmarks.Kms;

/// <summary>The local KMSs under load: 64 clients, 10,000 operations each, every plaintext compared. One error or wrong plaintext fails it.</summary>
internal sealed class KmsBenchmark : IBenchmark
{
    private const int Clients = 64;
    private const int Keys = 8;
    private const int OperationsEach = 10_000;

    public string Name => "kms";

    public string About => "64 clients x 10,000 operations (EAR_BENCH_OPERATIONS) against each local KMS by its SDK's client, beside a bare Kestrel endpoint";

    public async Task RunAsync(BenchmarkOptions options)
    {
        var operations = Environment.GetEnvironmentVariable("EAR_BENCH_OPERATIONS") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : OperationsEach;
        Load.PrintHead();
        using (var endpoint = await SlowKms.StartAsync(TimeSpan.Zero))
            await MeasureAsync(new BareLoad(endpoint.Url), operations);
        using var kms = await KmsProcess.StartAsync(options.Folder);
        var clean = await MeasureAsync(await AwsLoad.StartAsync(kms.Address.Aws, Keys), operations, kms);
        clean &= await MeasureAsync(await AzureLoad.StartAsync(kms.Address.Azure, Keys), operations, kms);
        clean &= await MeasureAsync(await GoogleLoad.StartAsync(kms.Address.Google, Keys), operations, kms);
        Console.WriteLine($"bare RSA-2048 OAEP-256 decryptions a second on all cores: {await BareRsa.MeasureAsync():N0}");
        if (!clean)
            throw new InvalidOperationException("A local KMS failed, or answered a wrong plaintext.");
    }

    private static async Task<bool> MeasureAsync(IKmsClient client, int operations, KmsProcess? kms = null)
    {
        await using (client)
        {
            await WarmUpAsync(client);
            var load = new Load(client, Clients, operations);
            await load.RunAsync();
            if (kms is not null)
                Console.WriteLine($"  the service's working set afterwards: {kms.WorkingSet / 1e6:N0} MB");
            return load.IsClean;
        }
    }

    /// <summary>Compiled, connected, and with its token.</summary>
    private static Task WarmUpAsync(IKmsClient client) => Task.WhenAll(Enumerable.Range(0, Clients).Select(async n =>
    {
        for (var times = 0; times < 20; times++)
            await client.UnwrapAsync(n, await client.WrapAsync(n, new byte[32]));
    }));
}
