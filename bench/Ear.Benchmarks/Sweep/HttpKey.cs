using Ear.CustomerKeys;

namespace Ear.Benchmarks.Sweep;

/// <summary>A provider that is nothing but one POST: what a sweep costs without a vendor's SDK.</summary>
internal sealed class HttpKey(HttpClient http) : ICustomerKey
{
    private static readonly KeyCheck Valid = new(new KeyVerdict.Valid(), KeyFacts.None);
    private int asked;

    public KeyProvider Provider => KeyProvider.Aws;

    public int Asked => asked;

    public async Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
    {
        await PostAsync(http, canary.Ciphertext, cancellation);
        Interlocked.Increment(ref asked);
        return Valid;
    }

    public static async Task PostAsync(HttpClient http, byte[] body, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(body);
        using var answer = await http.PostAsync((Uri?)null, content, cancellation);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync(cancellation);
    }

    public Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation) => throw new NotSupportedException();
}
