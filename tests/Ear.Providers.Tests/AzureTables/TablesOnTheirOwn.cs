using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>Tables that nobody has made yet, and what lies in them once somebody has.</summary>
internal sealed class TablesOnTheirOwn
{
    private readonly string _connection = Azurite.ConnectionString();

    public string Prefix { get; } = $"L{Some.Id<ProjectId>().Value}";

    public TableClient Documents => new(_connection, $"{Prefix}Documents");

    public TableClient Index => new(_connection, $"{Prefix}Index");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public TableStore Store(Action<ClientOptions>? configure = null) => new(new() { ConnectionString = _connection, Prefix = Prefix }, credential: null, configure);

    public void AddTo(HostApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection([new("Ear:Store:ConnectionString", _connection), new("Ear:Store:Prefix", Prefix)]);
        builder.Services.AddAzureTablesStore(builder.Configuration);
    }

    /// <summary>The number that the tables have; null: none.</summary>
    public async Task<int?> NumberAsync()
    {
        var row = await Index.GetEntityIfExistsAsync<TableEntity>("meta", "schema", cancellationToken: Cancellation);
        return row.HasValue ? row.Value!.GetInt32("Number") : null;
    }

    public Task NumberAsync(int number) => Index.UpsertEntityAsync(new TableEntity("meta", "schema") { ["Number"] = number }, TableUpdateMode.Replace, Cancellation);

    /// <summary>Each row with all its properties; its version is among them, so that a row that was written anew is another one.</summary>
    public async Task<IReadOnlyList<string>> EverythingAsync()
    {
        var all = new List<string>();
        foreach (var table in (TableClient[])[Documents, Index])
        {
            await foreach (var row in table.QueryAsync<TableEntity>(cancellationToken: Cancellation))
                all.Add($"{table.Name}: {string.Join(", ", row.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={Text(p.Value)}"))}");
        }
        return all;
    }

    public async Task<bool> IsThereAsync(TableClient table)
    {
        try
        {
            await table.QueryAsync<TableEntity>(maxPerPage: 1, cancellationToken: Cancellation).AnyAsync(Cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == "TableNotFound")
        {
            return false;
        }
    }

    private static string Text(object? value) => value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
