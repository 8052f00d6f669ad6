using System.Diagnostics;
using System.Security.Cryptography;

namespace Ear.Benchmarks.Kms;

/// <summary>How many unwraps this machine's processor can do at all: Key Vault's keys are RSA.</summary>
internal static class BareRsa
{
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(2);

    /// <returns>RSA-OAEP-256 decryptions a second with 2,048 bits, on all cores.</returns>
    public static async Task<double> MeasureAsync()
    {
        using var key = RSA.Create(2048);
        var wrapped = key.Encrypt(new byte[32], RSAEncryptionPadding.OaepSHA256);
        var pair = key.ExportRSAPrivateKey();
        var done = 0L;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(() => Decrypt(pair, wrapped, watch, ref done), TaskCreationOptions.LongRunning)));
        return done / watch.Elapsed.TotalSeconds;
    }

    private static void Decrypt(byte[] pair, byte[] wrapped, Stopwatch watch, ref long done)
    {
        using var key = RSA.Create();
        key.ImportRSAPrivateKey(pair, out _);
        while (watch.Elapsed < Measured)
        {
            key.Decrypt(wrapped, RSAEncryptionPadding.OaepSHA256);
            Interlocked.Increment(ref done);
        }
    }
}
