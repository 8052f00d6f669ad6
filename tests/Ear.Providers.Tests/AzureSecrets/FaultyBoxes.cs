using Ear.Providers.Secrets;

namespace Ear.Providers.Tests.AzureSecrets;

/// <summary>A store that somebody comes between.</summary>
internal sealed class FaultyBoxes(ISecretBoxes inner) : ISecretBoxes
{
    public Func<string, Task> BeforeFind { get; set; } = _ => Task.CompletedTask;

    public Func<string, Task> BeforeReplace { get; set; } = _ => Task.CompletedTask;

    public async Task<SecretBox?> FindAsync(string name, CancellationToken cancellation)
    {
        await BeforeFind(name);
        return await inner.FindAsync(name, cancellation);
    }

    public Task<byte[]> GetOrAddAsync(string name, byte[] box, CancellationToken cancellation) => inner.GetOrAddAsync(name, box, cancellation);

    public Task PutAsync(string name, byte[] box, CancellationToken cancellation) => inner.PutAsync(name, box, cancellation);

    public async Task<bool> ReplaceAsync(string name, SecretBox old, byte[] box, CancellationToken cancellation)
    {
        await BeforeReplace(name);
        return await inner.ReplaceAsync(name, old, box, cancellation);
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);

    public Task<IReadOnlyList<NamedBox>> ListAsync(string? after, int max, CancellationToken cancellation) => inner.ListAsync(after, max, cancellation);
}
