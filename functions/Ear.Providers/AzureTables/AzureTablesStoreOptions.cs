using System.Text.RegularExpressions;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureTables;

/// <summary>
/// Which storage account holds Ear's documents, and how patient its calls are. Either the two addresses, reached as the app's identity, or a
/// connection string, for the Azurite emulator and development. Checked before the first request, all faults at once.
/// </summary>
public sealed partial class AzureTablesStoreOptions
{
    public const string Section = "Ear:Store";

    public const string AzureTables = "AzureTables";

    /// <summary>Which store Ear has; this one, when it is composed.</summary>
    public string Kind { get; set; } = AzureTables;

    /// <summary>https://ACCOUNT.table.core.windows.net. The identity needs "Storage Table Data Contributor" there.</summary>
    public string TableServiceUri { get; set; } = "";

    /// <summary>https://ACCOUNT.blob.core.windows.net: documents too large for a table. The identity needs "Storage Blob Data Contributor" there.</summary>
    public string BlobServiceUri { get; set; } = "";

    /// <summary>Instead of the two addresses; holds the account's key, so for development only.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Begins the names of the tables and of the container, so that several Ears share an account. Default Ear; letters and digits, 3 to 40, a letter first.</summary>
    public string Prefix { get; set; } = "Ear";

    /// <summary>Repeats of a call after a fault that passes (no answer, 408, 429, 500, 502, 503, 504). Default 6, 0 to 10.</summary>
    public int MaxRetries { get; set; } = 6;

    /// <summary>Before the first repeat, doubled at each, with jitter; a longer Retry-After counts instead. Default 200 ms, 1 ms to 5 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between repeats. Default 10 s, at least RetryDelay and at most 60 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one call may take. Default 20 s, 1 to 60 s.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Documents that one listing reads at the same time. Default 16, 1 to 64.</summary>
    public int ReadsAtOnce { get; set; } = 16;

    internal OptionFaults Faults()
    {
        var faults = new OptionFaults(Section);
        if (Kind != AzureTables)
            faults.Add(nameof(Kind), $"is '{Kind}'; this Ear keeps its documents in {AzureTables}.");
        if (ConnectionString.Length > 0 && (TableServiceUri.Length > 0 || BlobServiceUri.Length > 0))
            faults.Add(nameof(ConnectionString), $"is set beside an address; leave it empty where {nameof(TableServiceUri)} and {nameof(BlobServiceUri)} say where the documents are.");
        else if (ConnectionString.Length == 0)
        {
            Address(nameof(TableServiceUri), TableServiceUri, "table");
            Address(nameof(BlobServiceUri), BlobServiceUri, "blob");
        }
        if (!PrefixForm().IsMatch(Prefix))
            faults.Add(nameof(Prefix), $"is '{Prefix}'; choose 3 to 40 letters and digits, a letter first.");
        faults.Within(nameof(MaxRetries), MaxRetries, 0, 10);
        faults.Within(nameof(RetryDelay), RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
        faults.Within(nameof(MaxRetryDelay), MaxRetryDelay, RetryDelay, TimeSpan.FromSeconds(60));
        faults.Within(nameof(CallTimeout), CallTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        faults.Within(nameof(ReadsAtOnce), ReadsAtOnce, 1, 64);
        return faults;

        // Without the value: what stands there by mistake may be a connection string.
        void Address(string setting, string value, string service)
        {
            if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
                faults.Add(setting, $"{(value.Length == 0 ? "is empty" : "is no https address")}; give the account's, e.g. https://account.{service}.core.windows.net, or for development a {nameof(ConnectionString)} instead.");
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixForm();
}

internal sealed class AzureTablesStoreOptionsCheck : IValidateOptions<AzureTablesStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, AzureTablesStoreOptions options)
        => options.Faults().Result;
}
