using System.Collections.Concurrent;

namespace Ear.Providers.Tests.AzureSecrets;

/// <summary>Knows every secret that was made, to look for it where it must not be.</summary>
internal sealed class RememberedIds(IIds inner) : IIds
{
    private readonly ConcurrentQueue<byte[]> secrets = new();

    public IReadOnlyList<byte[]> Secrets => [.. secrets];

    public Guid NewGuid() => inner.NewGuid();

    public string NewHex() => inner.NewHex();

    public double NextDouble() => inner.NextDouble();

    public byte[] Secret(int length)
    {
        var secret = inner.Secret(length);
        secrets.Enqueue([.. secret]);
        return secret;
    }
}
