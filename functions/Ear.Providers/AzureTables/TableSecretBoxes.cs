using Azure;
using Azure.Data.Tables;
using Ear.Providers.Secrets;

namespace Ear.Providers.AzureTables;

/// <summary>Sealed secrets on a shelf of their own. A write whose answer was lost counts as somebody else's: whoever asks then reads what lies there.</summary>
internal sealed class TableSecretBoxes(TableStore store) : ISecretBoxes
{
    public const string Shelf = "secret";

    /// <summary>Rows of data keys begin so, as names that no secret can have do.</summary>
    public static readonly string DataKeys = RowKeys.Part(ISecretBoxes.DataKeys);

    private const string Box = "Box";
    private const string NameProperty = "Name";

    /// <summary>What one property of a row holds.</summary>
    private const int MaxBytes = 64 * 1024;

    public async Task<SecretBox?> FindAsync(string name, CancellationToken cancellation)
        => await store.FindIndexAsync(Shelf, RowKeys.Part(name), cancellation) is { } row ? new(row.GetBinary(Box), row.ETag.ToString()) : null;

    public async Task<byte[]> GetOrAddAsync(string name, byte[] box, CancellationToken cancellation)
    {
        // Deleted between the two: added again. The bound is for a store that contradicts itself.
        for (var tries = 0; tries < 3; tries++)
        {
            if (await store.TryAddIndexAsync(Row(name, box), cancellation))
                return box;
            if (await FindAsync(name, cancellation) is { } there)
                return there.Ciphertext;
        }
        throw new StoreException($"The secret '{name}' is there and is not there, in turn. Try again.");
    }

    public Task PutAsync(string name, byte[] box, CancellationToken cancellation) => store.PutIndexAsync(Row(name, box), cancellation);

    public Task<bool> ReplaceAsync(string name, SecretBox old, byte[] box, CancellationToken cancellation) => store.TryReplaceIndexAsync(Row(name, box), new ETag(old.Version), cancellation);

    public async Task<IReadOnlyList<NamedBox>> ListAsync(string? after, int max, CancellationToken cancellation)
        => [.. (await store.ShelfAsync(Shelf, after, null, max, cancellation)).Select(row =>
            new NamedBox(row.GetString(NameProperty) ?? RowKeys.TextOf(row.RowKey), row.RowKey, new(row.GetBinary(Box), row.ETag.ToString())))];

    public Task DeleteAsync(string name, CancellationToken cancellation)
        => store.TryDeleteIndexAsync(new TableEntity(Shelf, RowKeys.Part(name)) { ETag = ETag.All }, cancellation);

    private static TableEntity Row(string name, byte[] box)
        => box.Length <= MaxBytes
            ? new TableEntity(Shelf, RowKeys.Part(name)) { [Box] = box, [NameProperty] = name }
            : throw new StoreException($"The secret '{name}' has {box.Length} bytes sealed; {MaxBytes} are the most that a secret may have.");
}
