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

    internal IEnumerable<string> Faults()
    {
        if (BlobServiceUri.Length > 0 && ConnectionString.Length > 0)
            yield return $"{Section} names both a ConnectionString and a BlobServiceUri; set one of them, or neither to copy nothing.";
        if (BlobServiceUri.Length > 0 && (!Uri.TryCreate(BlobServiceUri, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps))
            yield return $"{Section}:{nameof(BlobServiceUri)} is '{BlobServiceUri}'; give the account's https address, e.g. https://account.blob.core.windows.net.";
        if (Container.Length is < 3 or > 63 || !Container.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || Container.Contains("--", StringComparison.Ordinal) || Container[0] == '-' || Container[^1] == '-')
            yield return $"{Section}:{nameof(Container)} is '{Container}'; choose 3 to 63 lower-case letters, digits and single '-'.";
        if (ProjectsPerLane is < 1 or > 100_000)
            yield return $"{Section}:{nameof(ProjectsPerLane)} is {ProjectsPerLane}; choose 1 to 100,000.";
        if (PartBytes is < 1024 or > 64 * 1024 * 1024)
            yield return $"{Section}:{nameof(PartBytes)} is {PartBytes}; choose 1024 to 67108864.";
    }
}

internal sealed class CopyOptionsCheck : IValidateOptions<CopyOptions>
{
    public ValidateOptionsResult Validate(string? name, CopyOptions options)
        => options.Faults().ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}
