using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;

namespace Ear.Providers.AzureTables;

/// <summary>
/// The bytes of a document in its row: over several properties of 64 KiB, or, above <see cref="InRow"/>, in a blob that the row names. The blob is written
/// first and under a name of its own, so that what a row names is always there, whole, and never changes; one that no row came to name is swept away.
/// </summary>
internal sealed class Contents(TableStore store, IIds ids)
{
    /// <summary>Half of what a row may hold, so that rows, other rows and events still fit the 4 MiB of a transaction (base64 makes 683 KiB of it).</summary>
    public const int InRow = 512 * 1024;

    public const string BlobProperty = "Blob";

    private const int PerProperty = 64 * 1024;
    private const string DigestProperty = "BlobSha256";

    /// <summary>What a row holds of a document: its bytes, or where they are.</summary>
    internal sealed record Part(IReadOnlyDictionary<string, object> Properties, string? Blob)
    {
        public void PutInto(TableEntity row)
        {
            foreach (var (name, value) in Properties)
                row[name] = value;
        }
    }

    public async Task<Part> PrepareAsync(string partition, string row, byte[] bytes, CancellationToken cancellation)
    {
        if (bytes.Length <= InRow)
            return new(Slices(bytes), null);
        var blob = $"{partition}/{row}/{ids.NewHex()}";
        await TableStore.CallAsync(() => store.Large.GetBlobClient(blob).UploadAsync(new BinaryData(bytes), overwrite: true, cancellation));
        return new(new Dictionary<string, object>(StringComparer.Ordinal) { [BlobProperty] = blob, [DigestProperty] = SHA256.HashData(bytes) }, blob);
    }

    /// <summary>For rows that have to hold their bytes themselves.</summary>
    public static IReadOnlyDictionary<string, object> Slices(byte[] bytes)
        => bytes.Chunk(PerProperty).Select((slice, i) => (Name: $"D{i}", slice)).ToDictionary(s => s.Name, s => (object)s.slice, StringComparer.Ordinal);

    /// <returns>Null: the row was replaced since it was read, and the bytes that it named are gone. Read it again.</returns>
    public async Task<byte[]?> ReadAsync(TableEntity row, CancellationToken cancellation)
    {
        if (row.GetString(BlobProperty) is not { } blob)
            return InRowOf(row);
        var bytes = await DownloadAsync(blob, cancellation);
        if (bytes is not null && !IsOf(row, bytes))
            throw new StoreException($"The blob '{blob}' is not what was saved. Restore it from the account's soft delete or a backup.");
        return bytes;
    }

    public static byte[] InRowOf(TableEntity row)
    {
        using var bytes = new MemoryStream();
        for (var i = 0; row.GetBinary($"D{i}") is { } slice; i++)
            bytes.Write(slice);
        return bytes.ToArray();
    }

    /// <summary>Nobody names it any more; if we fail here, the sweep comes.</summary>
    public Task ForgetAsync(string blob, CancellationToken cancellation)
        => TableStore.CallAsync(() => store.Large.GetBlobClient(blob).DeleteIfExistsAsync(cancellationToken: cancellation));

    /// <returns>Null: there is no such blob.</returns>
    public Task<byte[]?> DownloadAsync(string blob, CancellationToken cancellation) => TableStore.CallAsync(async () =>
    {
        try
        {
            return (await store.Large.GetBlobClient(blob).DownloadContentAsync(cancellation)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
    });

    /// <summary>Whether a property of a row is part of its document.</summary>
    public static bool IsContent(string property) => property is BlobProperty or DigestProperty || (property.Length > 1 && property[0] == 'D' && property.AsSpan(1).ContainsAnyExceptInRange('0', '9') is false);

    /// <summary>Whether the bytes are what the row says of its blob.</summary>
    public static bool IsOf(TableEntity row, byte[] bytes) => SHA256.HashData(bytes).AsSpan().SequenceEqual(row.GetBinary(DigestProperty));

    /// <summary>Puts back what a row names, under the name that it says.</summary>
    public Task PutBackAsync(string blob, byte[] bytes, CancellationToken cancellation)
        => TableStore.CallAsync(() => store.Large.GetBlobClient(blob).UploadAsync(new BinaryData(bytes), overwrite: true, cancellation));
}
