using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ear.Providers.AzureTables.Copies;

/// <param name="IsWhole">It has a manifest.</param>
public sealed record CopyListed(string Copy, bool IsWhole, DateTimeOffset? Began, DateTimeOffset? Ended, long Rows, int Damaged);

/// <summary>Looks at copies: which there are, and whether one is as it was written.</summary>
public sealed class CopyReader(CopySource source)
{
    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<CopyListed>> ListAsync(CancellationToken cancellation)
    {
        var listed = new List<CopyListed>();
        foreach (var name in await source.NamesAsync(cancellation))
        {
            listed.Add(await FindAsync(name, cancellation) is { } manifest
                ? new(name, true, manifest.Began, manifest.Ended, manifest.Rows.Values.Sum(), manifest.Damaged)
                : new(name, false, null, null, 0, 0));
        }
        return listed;
    }

    /// <param name="name">Null: the newest whole one.</param>
    /// <exception cref="StoreException">There is none such, or a newer Ear made it.</exception>
    public async Task<CopyManifest> OpenAsync(string? name, CancellationToken cancellation)
    {
        if (name is not null)
            return await FindAsync(name, cancellation) ?? throw new StoreException($"There is no whole copy {name}: it has no manifest. ear state list shows which there are.");
        foreach (var candidate in (await source.NamesAsync(cancellation)).Reverse())
        {
            if (await FindAsync(candidate, cancellation) is { } manifest)
                return manifest;
        }
        throw new StoreException("There is no whole copy: no folder with a manifest.");
    }

    /// <summary>Reads every part, and holds it against the manifest.</summary>
    /// <param name="progress">Told after each part, how many of how many.</param>
    /// <exception cref="StoreException">A part is missing, or is not what was written; the text names it.</exception>
    public async Task VerifyAsync(CopyManifest manifest, IProgress<(int Done, int Of)>? progress, CancellationToken cancellation)
    {
        var done = 0;
        foreach (var part in manifest.Parts)
        {
            await VerifyAsync(manifest, part, cancellation);
            progress?.Report((++done, manifest.Parts.Length));
        }
    }

    /// <summary>The rows of a part, once its bytes are what the manifest says.</summary>
    internal async IAsyncEnumerable<RowLine> RowsAsync(CopyManifest manifest, ManifestPart part, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var raw = await source.OpenAsync($"{manifest.Copy}/{part.Blob}", cancellation);
        await using var zip = new GZipStream(raw, CompressionMode.Decompress);
        using var lines = new StreamReader(zip, Encoding.UTF8);
        while (await LineAsync(lines, part, cancellation) is { } line)
            yield return ReadLine(line, part);
    }

    private async Task VerifyAsync(CopyManifest manifest, ManifestPart part, CancellationToken cancellation)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var raw = await source.OpenAsync($"{manifest.Copy}/{part.Blob}", cancellation))
        {
            var buffer = new byte[128 * 1024];
            long bytes = 0;
            while (await raw.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                sha256.AppendData(buffer.AsSpan(0, read));
                bytes += read;
            }
            if (bytes != part.Bytes || Convert.ToHexStringLower(sha256.GetHashAndReset()) != part.Sha256)
                throw new StoreException($"{manifest.Copy}/{part.Blob} is not what was written ({bytes} bytes, {part.Bytes} were). Restore it from the soft delete of the copies' account, or take another copy.");
        }
        long rows = 0;
        await foreach (var _ in RowsAsync(manifest, part, cancellation))
            rows++;
        if (rows != part.Rows)
            throw new StoreException($"{manifest.Copy}/{part.Blob} has {rows} rows, and {part.Rows} were written. Take another copy.");
    }

    private async Task<CopyManifest?> FindAsync(string name, CancellationToken cancellation)
    {
        // A manifest that was written again after its answer was lost says the same.
        if (await source.ManifestsAsync(name, cancellation) is not [var blob, ..])
            return null;
        await using var content = await source.OpenAsync(blob, cancellation);
        var manifest = CopyManifest.Read(name, await BinaryData.FromStreamAsync(content, cancellation));
        return manifest.Copy == name && manifest.Parts.All(p => p.Blob is { Length: > 0 } && !p.Blob.Contains('/') && !p.Blob.Contains('\\') && p.Blob != "..")
            ? manifest
            : throw new StoreException($"The manifest of the copy {name} is of another one. Take another copy.");
    }

    private static async Task<string?> LineAsync(StreamReader lines, ManifestPart part, CancellationToken cancellation)
    {
        try
        {
            return await lines.ReadLineAsync(cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new StoreException($"{part.Blob} cannot be read: {e.Message} Take another copy.", e);
        }
    }

    private static RowLine ReadLine(string line, ManifestPart part)
    {
        try
        {
            return RowLine.Read(line);
        }
        catch (JsonException e)
        {
            throw new StoreException($"{part.Blob} holds a line that is no row. Take another copy.", e);
        }
    }
}
