using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Ear.Copies;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>What makes parts a copy. Written last; a folder without one is a copy that was never finished.</summary>
/// <param name="Schema">How rows lie in the tables (<see cref="CurrentSchema"/>).</param>
/// <param name="Prefix">Of the tables it was made from.</param>
/// <param name="Rows">By table.</param>
public sealed record CopyManifest(
    string Copy, int Schema, string Prefix, DateTimeOffset Began, DateTimeOffset Ended, ImmutableSortedDictionary<string, long> Rows, int Damaged, ImmutableArray<ManifestPart> Parts)
{
    /// <summary>The tables' own number: a copy is rows as they lie there.</summary>
    public const int CurrentSchema = Layout.Version;

    /// <summary>Names of manifests begin so. Each writing has a name of its own: nothing in a copy is ever replaced.</summary>
    internal const string Prefixed = "manifest-";

    private const string NameForm = "yyyy-MM-dd'T'HHmmss'Z'";

    /// <summary>Whether a folder could be a copy's.</summary>
    public static bool IsName(string name) => DateTimeOffset.TryParseExact(name, NameForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    internal static CopyManifest Of(WholeCopy copy, string prefix) => new(
        copy.Copy, CurrentSchema, prefix, copy.Began, copy.Ended,
        Enum.GetValues<CopyTable>().ToImmutableSortedDictionary(t => t.ToString(), t => copy.Parts.Where(p => p.Table == t).Sum(p => p.Rows), StringComparer.Ordinal),
        copy.Parts.Sum(p => p.Damaged),
        [.. copy.Parts.Select(p => new ManifestPart(p.Blob, p.Table.ToString(), p.Rows, p.Bytes, p.Sha256))]);

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, EarJson.Options);

    /// <exception cref="StoreException">Not a manifest, or one that a newer Ear wrote.</exception>
    internal static CopyManifest Read(string name, BinaryData bytes)
    {
        CopyManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<CopyManifest>(bytes, EarJson.Options);
        }
        catch (JsonException e)
        {
            throw new StoreException($"The manifest of the copy {name} cannot be read ({e.Message}). Take another copy.", e);
        }
        if (manifest is null || manifest.Parts.IsDefault || manifest.Rows is null)
            throw new StoreException($"The manifest of the copy {name} names no parts. Take another copy.");
        if (manifest.Schema > CurrentSchema)
            throw new StoreException($"The copy {name} is of schema {manifest.Schema}, and this Ear knows {CurrentSchema}. Restore it with the Ear that made it, or a later one.");
        return manifest;
    }
}

/// <param name="Blob">Its name within the copy.</param>
/// <param name="Table">Documents or Index.</param>
public sealed record ManifestPart(string Blob, string Table, long Rows, long Bytes, string Sha256);
