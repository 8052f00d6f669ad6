using System.CommandLine;
using Azure.Core;
using Azure.Identity;
using Ear.Providers;
using Ear.Providers.AzureTables;
using Ear.Providers.AzureTables.Copies;

namespace Ear.Local.Copies;

/// <summary>Where <c>ear state</c> reads copies and where it restores one to. Azure is reached as whoever is signed in (az login, or a managed identity).</summary>
internal sealed class StateOptions
{
    public Option<string?> From { get; } = new("--from") { Description = "A folder with copies, the address of their container (https://ACCOUNT.blob.core.windows.net/ear-copies), or either of them with the name of a copy behind." };

    public Option<string?> FromConnection { get; } = new("--from-connection") { Description = "Instead of --from: connection string of the account, for the Azurite emulator." };

    public Option<string?> Container { get; } = new("--container") { Description = "With --from-connection: the container. Default ear-copies." };

    public Option<string?> Copy { get; } = new("--copy") { Description = "Name of the copy, as ear state list shows it. Default: the newest whole one." };

    public Option<string?> ToTables { get; } = new("--to-tables") { Description = "https://ACCOUNT.table.core.windows.net of the account to restore to." };

    public Option<string?> ToBlobs { get; } = new("--to-blobs") { Description = "https://ACCOUNT.blob.core.windows.net of the same account." };

    public Option<string?> ToConnection { get; } = new("--to-connection") { Description = "Instead of the two: connection string of the account, for the Azurite emulator." };

    public Option<string> Prefix { get; } = new("--prefix") { Description = "Begins the names of the tables, as Ear__Store__Prefix.", DefaultValueFactory = _ => new AzureTablesStoreOptions().Prefix };

    /// <summary>The places, and the name of the copy where the address holds it.</summary>
    /// <exception cref="StoreException">Not told, or told twice; the text says how.</exception>
    public (CopySource Source, string? Copy) SourceOf(ParseResult told)
    {
        var (from, connection, copy) = (told.GetValue(From), told.GetValue(FromConnection), told.GetValue(Copy));
        if (from is null == connection is null)
            throw new StoreException("Say where the copies are: --from FOLDER, --from https://ACCOUNT.blob.core.windows.net/ear-copies, or for Azurite --from-connection.");
        if (connection is not null)
            return (Connected("--from-connection", () => CopySource.Connection(connection, told.GetValue(Container))), copy);
        var (place, name) = Parted(from!);
        if (name is not null && copy is not null && name != copy)
            throw new StoreException($"--from names the copy {name}, and --copy {copy}. Leave one of them out.");
        return (Uri.TryCreate(place, UriKind.Absolute, out var uri) && !uri.IsFile
            ? uri.Scheme == Uri.UriSchemeHttps ? CopySource.Container(uri, Credential()) : throw new StoreException($"--from is {place}; it must be a folder or begin with https://.")
            : CopySource.Folder(Path.GetFullPath(place)), name ?? copy);
    }

    public (AzureTablesStoreOptions Target, TokenCredential? Credential) TargetOf(ParseResult told)
    {
        var target = new AzureTablesStoreOptions
        {
            TableServiceUri = told.GetValue(ToTables) ?? "",
            BlobServiceUri = told.GetValue(ToBlobs) ?? "",
            ConnectionString = told.GetValue(ToConnection) ?? "",
            Prefix = told.GetValue(Prefix)!,
        };
        if (target.ConnectionString.Length > 0 == (target.TableServiceUri.Length > 0 || target.BlobServiceUri.Length > 0))
            throw new StoreException("Say where to restore to: --to-tables and --to-blobs, or for Azurite --to-connection.");
        if (target.ConnectionString.Length > 0)
            Connected("--to-connection", () => CopySource.Connection(target.ConnectionString, null));
        return (target, target.ConnectionString.Length > 0 ? null : Credential());
    }

    private static DefaultAzureCredential Credential() => new();

    private static (string Place, string? Copy) Parted(string from)
    {
        var trimmed = from.TrimEnd('/', Path.DirectorySeparatorChar);
        var cut = trimmed.LastIndexOfAny(['/', Path.DirectorySeparatorChar]);
        return CopyManifest.IsName(trimmed[(cut + 1)..]) ? (cut <= 0 ? "." : trimmed[..cut], trimmed[(cut + 1)..]) : (from, null);
    }

    private static T Connected<T>(string option, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (FormatException e)
        {
            // The text of the exception does not quote the string, which holds a key.
            throw new StoreException($"{option} is no connection string of a storage account: {e.Message}");
        }
    }
}
