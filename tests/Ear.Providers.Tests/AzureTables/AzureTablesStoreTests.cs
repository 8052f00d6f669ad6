using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Tests.AzureTables;

public sealed class AzureTablesStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_with_the_store_has_every_port_and_a_second_start_finds_what_was_saved()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Ear:Store:ConnectionString"] = Azurite.ConnectionString(), ["Ear:Store:Prefix"] = $"R{Some.Id<ProjectId>().Value}" };
        var project = Some.Project();
        using (var host = HostWith(settings))
        {
            await host.StartAsync(Cancellation);
            foreach (var port in (Type[])[typeof(IProjects), typeof(IClusters), typeof(IUnfinishedClusters), typeof(INodes), typeof(IAlerts), typeof(IOpenAlerts), typeof(IAlertConfigs), typeof(ICredentials), typeof(IProjectCredentials<ApiKey>), typeof(IProjectCredentials<ServiceAccount>), typeof(IEvents), typeof(IOutbox), typeof(IAuditTrail), typeof(IPrivateEndpoints), typeof(IUnfinishedPrivateEndpoints)])
                Assert.StartsWith("Ear.Providers.AzureTables", host.Services.GetRequiredService(port).GetType().FullName, StringComparison.Ordinal);
            await host.Services.GetRequiredService<IProjects>().SaveAsync(project, 0, [Some.Event(project.Id)], Cancellation);
            await host.StopAsync(Cancellation);
        }
        using var again = HostWith(settings);
        await again.StartAsync(Cancellation);
        Assert.NotNull(await again.Services.GetRequiredService<IProjects>().FindAsync(project.Id, Cancellation));
        await again.StopAsync(Cancellation);
    }

    [Fact]
    public async Task All_faults_of_the_settings_are_told_at_once_before_the_start()
    {
        using var host = HostWith(new()
        {
            ["Ear:Store:Kind"] = "Sqlite",
            ["Ear:Store:TableServiceUri"] = "http://account.table.core.windows.net",
            ["Ear:Store:Prefix"] = "1-2",
            ["Ear:Store:MaxRetries"] = "11",
            ["Ear:Store:RetryDelay"] = "00:00:09",
            ["Ear:Store:MaxRetryDelay"] = "00:00:01",
            ["Ear:Store:CallTimeout"] = "00:10:00",
            ["Ear:Store:ReadsAtOnce"] = "0",
        });

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Equal(9, e.Failures.Count());
    }

    [Theory]
    [InlineData("", "", "Ear:Store:BlobServiceUri is empty", "Ear:Store:TableServiceUri is empty")]
    [InlineData("", "AccountName=ear;AccountKey=hidden", "Ear:Store:BlobServiceUri is empty", "Ear:Store:TableServiceUri is no https address")]
    [InlineData("UseDevelopmentStorage=true", "https://account.table.core.windows.net", "Ear:Store:ConnectionString is set beside an address")]
    public async Task One_way_to_the_account_is_named(string connection, string tables, params string[] faults)
    {
        using var host = HostWith(new() { ["Ear:Store:ConnectionString"] = connection, ["Ear:Store:TableServiceUri"] = tables });

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Equal(faults, e.Failures.Select(f => f[..f.IndexOf(';', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("hidden", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_without_an_identity_end_the_start_with_words()
    {
        using var host = HostWith(new() { ["Ear:Store:TableServiceUri"] = "https://account.table.core.windows.net", ["Ear:Store:BlobServiceUri"] = "https://account.blob.core.windows.net" });

        Assert.Contains("TokenCredential", (await Assert.ThrowsAsync<StoreException>(() => host.StartAsync(Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listings_go_on_where_the_service_ends_a_page()
    {
        // More rows than one answer holds: a thousand.
        const int Events = 1050;
        using var store = new AzureUnderTest();
        var project = Some.Id<ProjectId>();
        for (var told = 0; told < Events; told += EventRows.MaxAtOnce)
            await store.Alerts.SaveAsync(Some.Alert(project, subject: $"{told}"), 0, [.. Enumerable.Range(told, EventRows.MaxAtOnce).Select(i => Some.Event(project, i % 2 == 0 ? "EVEN" : "ODD"))], Cancellation);

        Assert.Equal(new ChainCheck(Events, null), await store.AuditTrail.VerifyAsync(project, Cancellation));
        Assert.Equal(Enumerable.Range(1, Events).Select(i => (long)i), (await store.Outbox.PendingAsync(2000, Cancellation)).Select(e => e.Sequence));
        // More types than a filter of the service holds.
        var types = Enumerable.Range(0, 30).Select(i => $"T{i}").Append("ODD").ToArray();
        var (events, total) = await store.Events.ListAsync(project, EventFilter.All with { EventTypes = [.. types] }, 510, 10, Cancellation);
        Assert.Equal(Events / 2, total);
        Assert.Equal([30, 28, 26, 24, 22, 20, 18, 16, 14, 12], events.Select(e => e.Sequence));
    }

    private static IHost HostWith(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IIds, SystemIds>().AddAzureTablesStore(builder.Configuration);
        return builder.Build();
    }
}
