using System.Diagnostics;
using System.Security.Cryptography;

namespace Ear.Benchmarks.Kms;

/// <summary>Many clients at once; each wraps a new secret, unwraps it, compares, and begins again. A call that fails is counted, and the client goes on.</summary>
internal sealed class Load(IKmsClient kms, int clients, int operationsEach)
{
    private const int SecretBytes = 32;

    private long done;
    private long errors;
    private long wrong;
    private string? first;

    public bool IsClean => errors == 0 && wrong == 0;

    public static void PrintHead() => Console.WriteLine($"{"",-40} {"operations",11} {"errors",7} {"wrong",6} {"seconds",8} {"a second",9}");

    public async Task RunAsync()
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(ClientAsync));
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine($"{kms.Name,-40} {done,11:N0} {errors,7:N0} {wrong,6:N0} {seconds,8:N1} {done / seconds,9:N0}");
        if (first is not null)
            Console.WriteLine($"  the first error: {first}");
    }

    private async Task ClientAsync(int client)
    {
        // Not one after another on the caller's thread.
        await Task.Yield();
        for (var n = 0; n < operationsEach; n += 2)
        {
            var secret = RandomNumberGenerator.GetBytes(SecretBytes);
            try
            {
                var wrapped = await kms.WrapAsync(client, secret);
                Interlocked.Increment(ref done);
                var opened = await kms.UnwrapAsync(client, wrapped);
                Interlocked.Increment(ref done);
                if (!opened.AsSpan().SequenceEqual(secret))
                    Interlocked.Increment(ref wrong);
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref errors);
                Interlocked.CompareExchange(ref first, $"{e.GetType().Name}: {e.Message}", null);
            }
        }
    }
}
