namespace Ear.Providers.Secrets;

/// <param name="Version">The store's mark of this very state of the box.</param>
internal sealed record SecretBox(byte[] Ciphertext, string Version);

/// <param name="Name">Null: an older Ear stored it under a digest of its name alone.</param>
/// <param name="Place">What to list after.</param>
internal sealed record NamedBox(string? Name, string Place, SecretBox Box);

/// <summary>Where sealed secrets lie. It sees ciphertext only.</summary>
internal interface ISecretBoxes
{
    /// <summary>Begins the names of boxes in which data keys lie, wrapped; no name that SecretNames lets through.</summary>
    const string DataKeys = "data-key:";

    Task<SecretBox?> FindAsync(string name, CancellationToken cancellation);

    /// <returns>What lies there afterwards: an earlier box stands.</returns>
    Task<byte[]> GetOrAddAsync(string name, byte[] box, CancellationToken cancellation);

    Task PutAsync(string name, byte[] box, CancellationToken cancellation);

    /// <returns>False when another box lies there by now; nothing is written then.</returns>
    Task<bool> ReplaceAsync(string name, SecretBox old, byte[] box, CancellationToken cancellation);

    Task DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>Boxes in an order of the store's own, those of data keys too.</summary>
    /// <param name="after">The place of the last one before; null: from the first.</param>
    Task<IReadOnlyList<NamedBox>> ListAsync(string? after, int max, CancellationToken cancellation);
}
