using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Ear.Local.Kms.Azure;

/// <summary>
/// Opened private keys by id. An <see cref="RSA"/> is used by one thread at a time, and opening one costs as much as using it: so they are lent and taken
/// back, with no lock around the mathematics.
/// </summary>
internal sealed class RsaPool
{
    /// <summary>Of all keys together, some 10 KB each. When it is full all are let go: simpler than an order of use, and rare.</summary>
    private const int Capacity = 1_024;

    private Generation current = new();

    /// <param name="open">PKCS#8 of the key; wiped here.</param>
    public T Use<T>(string id, Func<byte[]> open, Func<RSA, T> use)
    {
        var generation = Volatile.Read(ref current);
        var bag = generation.Idle.GetOrAdd(id, static _ => []);
        if (bag.TryTake(out var rsa))
            Interlocked.Decrement(ref generation.Count);
        else
            rsa = Open(open());
        try
        {
            return use(rsa);
        }
        finally
        {
            // Into the generation that it was lent from: one that was let go meanwhile is collected with all it holds.
            bag.Add(rsa);
            if (Interlocked.Increment(ref generation.Count) > Capacity)
                Interlocked.CompareExchange(ref current, new Generation(), generation);
        }
    }

    private static RSA Open(byte[] pkcs8)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        CryptographicOperations.ZeroMemory(pkcs8);
        return rsa;
    }

    private sealed class Generation
    {
        public readonly ConcurrentDictionary<string, ConcurrentBag<RSA>> Idle = new();
        public int Count;
    }
}
