using System.Security.Cryptography;
using Azure.Data.Tables;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.AzureTables;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Ear.Providers.Tests.Stores;

/// <summary>An older Ear would write documents back without what it does not know of them; so it does not start on what a newer one has written.</summary>
public abstract class NewerStoreContract : IDisposable
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The newest that this Ear knows.</summary>
    private protected abstract int Known { get; }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public async Task What_a_newer_Ear_wrote_is_refused_in_words_and_left_as_it_is()
    {
        var project = Some.Project();
        await StartAsync(async projects => Assert.True((await projects.SaveAsync(project, 0, [Some.Event(project.Id)], Cancellation)).Saved));
        await NumberAsync(Known + 1);
        var was = await EverythingAsync();
        Assert.NotEmpty(was);

        var e = await Assert.ThrowsAsync<StoreException>(() => StartAsync(_ => Task.CompletedTask));

        Assert.Contains($"schema {Known + 1}, written by a newer Ear; this one knows up to {Known}. Start the newer Ear, or restore a", e.Message, StringComparison.Ordinal);
        Assert.Equal(was, await EverythingAsync());
    }

    /// <summary>Starts the app's host on the store, uses it, and stops it.</summary>
    private protected async Task StartAsync(Func<IProjects, Task> use)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IIds, SystemIds>();
        AddStore(builder);
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        await use(host.Services.GetRequiredService<IProjects>());
        await host.StopAsync(Cancellation);
    }

    private protected abstract void AddStore(HostApplicationBuilder builder);

    /// <summary>As if an Ear that knows this number had been there.</summary>
    private protected abstract Task NumberAsync(int number);

    /// <summary>All that lies in the store, byte for byte.</summary>
    private protected abstract Task<IReadOnlyList<string>> EverythingAsync();
}

public sealed class NewerSqlite : NewerStoreContract
{
    private readonly TestFolder _folder = new();

    private protected override int Known => Schema.Version;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private protected override void AddStore(HostApplicationBuilder builder) => builder.Services.AddSqliteStore(options => options.Path = _folder["ear.db"]);

    private protected override Task NumberAsync(int number)
    {
        using var connection = new SqliteConnection($"Data Source={_folder["ear.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA user_version = {number}";
        command.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    private protected override async Task<IReadOnlyList<string>> EverythingAsync()
        => [Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(_folder["ear.db"], Cancellation)))];
}

public sealed class NewerAzure : NewerStoreContract
{
    private readonly TablesOnTheirOwn _tables = new();

    private protected override int Known => Layout.Version;

    private protected override void AddStore(HostApplicationBuilder builder) => _tables.AddTo(builder);

    private protected override Task NumberAsync(int number) => _tables.NumberAsync(number);

    private protected override Task<IReadOnlyList<string>> EverythingAsync() => _tables.EverythingAsync();
}
