using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>Where copies of the state go. Neither address nor connection string: nowhere, and nothing is copied.</summary>
public sealed class CopyOptions
{
    public const string Section = "Ear:Copies";

    /// <summary>https://ACCOUNT.blob.core.windows.net, best another account than the store's. The identity needs to add blobs in the container, and nothing else.</summary>
    public string BlobServiceUri { get; set; } = "";

    /// <summary>Instead of the address; holds the account's key, so for development only. The container is then created.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The container. Default ear-copies; 3 to 63 lower-case letters, digits and single '-'.</summary>
    public string Container { get; set; } = DefaultContainer;

    /// <summary>How many projects are copied by one lane after another; up to 16 lanes side by side. Default 2,000, 1 to 100,000.</summary>
    public int ProjectsPerLane { get; set; } = 2_000;

    /// <summary>Bytes of a part, compressed, after which the next one begins. Each step holds one part in memory. Default 8 MiB, 1 KiB to 64 MiB.</summary>
    public int PartBytes { get; set; } = 8 * 1024 * 1024;

    internal const string DefaultContainer = "ear-copies";

    /// <summary>Rows of one answer of the service; only a test asks for fewer.</summary>
    internal int PageSize { get; set; } = 1000;

    internal bool IsOn => BlobServiceUri.Length > 0 || ConnectionString.Length > 0;

    internal OptionFaults Faults()
    {
        var faults = new OptionFaults(Section);
        if (BlobServiceUri.Length > 0 && ConnectionString.Length > 0)
            faults.Add(nameof(ConnectionString), $"and {nameof(BlobServiceUri)} are both set; choose one, or neither to copy nothing.");
        // Without the value: what stands there by mistake may be a connection string.
        if (BlobServiceUri.Length > 0 && (!Uri.TryCreate(BlobServiceUri, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps))
            faults.Add(nameof(BlobServiceUri), "is no https address; give the account's, e.g. https://account.blob.core.windows.net.");
        if (Container.Length is < 3 or > 63 || !Container.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || Container.Contains("--", StringComparison.Ordinal) || Container[0] == '-' || Container[^1] == '-')
            faults.Add(nameof(Container), $"is '{Container}'; choose 3 to 63 lower-case letters, digits and single '-'.");
        faults.Within(nameof(ProjectsPerLane), ProjectsPerLane, 1, 100_000);
        faults.Within(nameof(PartBytes), PartBytes, 1024, 64 * 1024 * 1024);
        return faults;
    }
}

internal sealed class CopyOptionsCheck : IValidateOptions<CopyOptions>
{
    public ValidateOptionsResult Validate(string? name, CopyOptions options)
        => options.Faults().Result;
}
