using Ear.Copies;
using Ear.Providers.AzureTables;
using Ear.Providers.Files;
using Ear.Providers.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Up;

/// <summary>
/// Where a local Ear keeps its documents: in a SQLite file in its folder, or in a storage account, mostly the Azurite emulator, as in Azure. Secrets are in the
/// folder either way, under its key.
/// </summary>
internal static class LocalStore
{
    public const string Sqlite = "sqlite";
    public const string AzureTables = "azure-tables";

    private const string KindSetting = $"{AzureTablesStoreOptions.Section}:Kind";

    /// <exception cref="IOException">The folder's documents are elsewhere; the text says how to start.</exception>
    public static void Configure(IConfigurationManager settings, DataFolder folder, UpOptions options)
    {
        var kind = options.Store ?? (settings[KindSetting] == AzureTablesStoreOptions.AzureTables ? AzureTables : Sqlite);
        Remember(folder, kind);
        var chosen = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            [KindSetting] = kind == AzureTables ? AzureTablesStoreOptions.AzureTables : "Sqlite",
            [$"{SqliteStoreOptions.Section}:Path"] = folder.Sub("ear.db"),
        };
        if (options.StoreConnection is { } connection)
            chosen[$"{AzureTablesStoreOptions.Section}:{nameof(AzureTablesStoreOptions.ConnectionString)}"] = connection;
        settings.AddInMemoryCollection(chosen);
    }

    public static IServiceCollection AddLocalStore(this IServiceCollection services, IConfiguration settings)
        => (settings[KindSetting] == AzureTablesStoreOptions.AzureTables
            ? services.AddAzureTablesStore(settings).AddSqliteFile(_ => { })
            : services.AddSqliteStore(_ => { }).AddSingleton<IStateCopies, NoStateCopies>()).AddFileKeySecrets();

    // The secrets of the folder are those of its documents: another store under them would hand out access to nothing.
    private static void Remember(DataFolder folder, string kind)
    {
        var file = folder.Sub("store");
        var remembered = File.Exists(file) ? File.ReadAllText(file) : File.Exists(folder.Sub("ear.db")) ? Sqlite : kind;
        if (remembered != kind)
            throw new IOException($"The documents of {folder.Path} are in {remembered}. Start with --store {remembered}, or name another folder with --data.");
        File.WriteAllText(file, kind);
    }
}
