using Ear.Benchmarks.Sweep;

namespace Ear.Benchmarks.Kms;

/// <summary>POSTs to an endpoint that answers at once with as much: no signature, no state, no cryptography, no SDK.</summary>
internal sealed class BareLoad(Uri url) : IKmsClient
{
    private readonly HttpClient http = new() { BaseAddress = url };

    public string Name => "bare Kestrel and HttpClient, POST";

    public async Task<byte[]> WrapAsync(int client, byte[] plaintext)
    {
        await HttpKey.PostAsync(http, plaintext, CancellationToken.None);
        return plaintext;
    }

    public Task<byte[]> UnwrapAsync(int client, byte[] wrapped) => WrapAsync(client, wrapped);

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }
}
