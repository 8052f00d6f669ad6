namespace Ear.Benchmarks.Kms;

/// <summary>A vendor's client with keys of its own; used by all the load's clients at once.</summary>
internal interface IKmsClient : IAsyncDisposable
{
    /// <summary>Client and operations, for the table.</summary>
    string Name { get; }

    /// <param name="client">Which of the load's clients: it decides the key.</param>
    Task<byte[]> WrapAsync(int client, byte[] plaintext);

    Task<byte[]> UnwrapAsync(int client, byte[] wrapped);
}
