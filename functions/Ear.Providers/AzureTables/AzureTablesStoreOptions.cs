using System.Text.RegularExpressions;
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

    internal IEnumerable<string> Faults()
    {
        if (Kind != AzureTables)
            yield return $"{Section}:{nameof(Kind)} is '{Kind}'; this Ear keeps its documents in {AzureTables}.";
        if (ConnectionString.Length > 0 == (TableServiceUri.Length > 0 || BlobServiceUri.Length > 0))
            yield return $"{Section} names {(ConnectionString.Length > 0 ? "both a ConnectionString and addresses" : "no storage account")}; set TableServiceUri and BlobServiceUri (reached as the app's identity), or for development ConnectionString.";
        else if (ConnectionString.Length == 0)
        {
            foreach (var (name, value) in new[] { (nameof(TableServiceUri), TableServiceUri), (nameof(BlobServiceUri), BlobServiceUri) })
            {
                if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
                    yield return $"{Section}:{name} is '{value}'; give the account's https address, e.g. https://account.{(name == nameof(TableServiceUri) ? "table" : "blob")}.core.windows.net.";
            }
        }
        if (!PrefixForm().IsMatch(Prefix))
            yield return $"{Section}:{nameof(Prefix)} is '{Prefix}'; choose 3 to 40 letters and digits, a letter first.";
        if (MaxRetries is < 0 or > 10)
            yield return $"{Section}:{nameof(MaxRetries)} is {MaxRetries}; choose 0 to 10.";
        if (RetryDelay < TimeSpan.FromMilliseconds(1) || RetryDelay > TimeSpan.FromSeconds(5))
            yield return $"{Section}:{nameof(RetryDelay)} is {RetryDelay}; choose 1 ms to 5 s.";
        if (MaxRetryDelay < RetryDelay || MaxRetryDelay > TimeSpan.FromSeconds(60))
            yield return $"{Section}:{nameof(MaxRetryDelay)} is {MaxRetryDelay}; choose {nameof(RetryDelay)} ({RetryDelay}) to 60 s.";
        if (CallTimeout < TimeSpan.FromSeconds(1) || CallTimeout > TimeSpan.FromSeconds(60))
            yield return $"{Section}:{nameof(CallTimeout)} is {CallTimeout}; choose 1 to 60 s.";
        if (ReadsAtOnce is < 1 or > 64)
            yield return $"{Section}:{nameof(ReadsAtOnce)} is {ReadsAtOnce}; choose 1 to 64.";
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixForm();
}

internal sealed class AzureTablesStoreOptionsCheck : IValidateOptions<AzureTablesStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, AzureTablesStoreOptions options)
        => options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
