using Ear.Providers.Sqlite;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Files;

/// <summary>Where the key is that encrypts Ear's own secrets on one machine.</summary>
public sealed class FileKeyOptions
{
    public const string Section = "Ear:Secrets";

    /// <summary>
    /// 32 random bytes, created with mode 0600 when there is neither a key nor a secret. Default: <c>ear.key</c> beside the store.
    /// Back it up apart from the store: without it every secret is lost, with it every secret is open.
    /// </summary>
    public string KeyFile { get; set; } = "";
}

internal sealed class FileKeyDefaults(IOptions<SqliteStoreOptions> store) : IPostConfigureOptions<FileKeyOptions>
{
    public void PostConfigure(string? name, FileKeyOptions options)
    {
        if (options.KeyFile.Length == 0 && store.Value.Path.Length > 0)
            options.KeyFile = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(store.Value.Path))!, "ear.key");
    }
}

internal sealed class FileKeyOptionsCheck : IValidateOptions<FileKeyOptions>
{
    public ValidateOptionsResult Validate(string? name, FileKeyOptions options)
    {
        var faults = new OptionFaults(FileKeyOptions.Section);
        if (string.IsNullOrWhiteSpace(options.KeyFile))
            faults.Add(nameof(options.KeyFile), "is empty, and there is no store to put the key beside; name a file, e.g. /var/lib/ear/ear.key.");
        else if (Directory.Exists(options.KeyFile))
            faults.Add(nameof(options.KeyFile), $"is {options.KeyFile}, which is a folder; name a file in it, e.g. {Path.Combine(options.KeyFile, "ear.key")}.");
        return faults.Result;
    }
}
