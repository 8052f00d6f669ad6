namespace Ear.Secrets;

/// <summary>Small secrets of Ear and of its customers, encrypted at rest (I5): token signing key, sealing key, provider credentials.</summary>
public interface ISecrets
{
    /// <summary>A copy that the caller zeroes; null when there is none.</summary>
    Task<byte[]?> FindAsync(string name, CancellationToken cancellation);

    /// <summary>Creates once: a second caller gets the first one's value. Names: letters, digits, '-', '/', '.'.</summary>
    Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellation);

    Task PutAsync(string name, byte[] value, CancellationToken cancellation);

    /// <summary>For what several instances write to: what another one puts between reading and writing is not lost, the change is made of it.</summary>
    /// <param name="change">From what is there (null: nothing), which is zeroed afterwards, to what shall be; null: it may stay. Called again when somebody was faster.</param>
    Task ChangeAsync(string name, Func<byte[]?, byte[]?> change, CancellationToken cancellation);

    Task DeleteAsync(string name, CancellationToken cancellation);
}
