using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.Files;
using Ear.Providers.Sqlite;
using Ear.Providers.Tests.Stores;
using Ear.Secrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Tests.Sqlite;

public sealed class SqliteStoreRegistrationTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_host_with_the_store_has_every_port_on_one_file()
    {
        using (var host = HostWith(o => o.Path = _folder["ear.db"]))
        {
            await host.StartAsync(Cancellation);
            foreach (var port in (Type[])[typeof(IProjects), typeof(IClusters), typeof(IUnfinishedClusters), typeof(INodes), typeof(IAlerts), typeof(IOpenAlerts), typeof(IAlertConfigs), typeof(ICredentials), typeof(IEvents), typeof(IOutbox), typeof(IAuditTrail), typeof(IPrivateEndpoints), typeof(IUnfinishedPrivateEndpoints)])
                Assert.NotNull(host.Services.GetService(port));
            var project = Some.Project();
            await host.Services.GetRequiredService<IProjects>().SaveAsync(project, 0, [Some.Event(project.Id)], Cancellation);
            await host.Services.GetRequiredService<ISecrets>().PutAsync("a", [1], Cancellation);
            Assert.Single(await host.Services.GetRequiredService<IOutbox>().PendingAsync(10, Cancellation));
            await host.StopAsync(Cancellation);
        }
        Assert.True(File.Exists(_folder["ear.key"]), "The key is beside the store unless said otherwise.");
        using var again = HostWith(o => o.Path = _folder["ear.db"]);
        await again.StartAsync(Cancellation);
        Assert.Equal([1], (await again.Services.GetRequiredService<ISecrets>().FindAsync("a", Cancellation))!);
    }

    [Fact]
    public async Task All_faults_of_the_settings_are_told_at_once_before_the_start()
    {
        using var host = HostWith(o => (o.Path, o.ReadConnections, o.MaxBatch, o.BusyTimeout) = ("", 0, 5000, TimeSpan.FromMinutes(2)));

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Equal(4, e.Failures.Count());
        Assert.Contains(e.Failures, f => f.StartsWith("Ear:Store:Path is empty; name the file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_cannot_be_opened_ends_the_start()
    {
        await File.WriteAllTextAsync(_folder["ear.db"], new string('x', 10_000), Cancellation);
        using var host = HostWith(o => o.Path = _folder["ear.db"]);

        await Assert.ThrowsAsync<StoreException>(() => host.StartAsync(Cancellation));
    }

    private static IHost HostWith(Action<SqliteStoreOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSqliteStore(configure).AddFileKeySecrets();
        return builder.Build();
    }
}
