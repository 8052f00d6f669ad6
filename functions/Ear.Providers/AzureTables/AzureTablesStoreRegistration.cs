using Azure.Core;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Copies;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.AzureTables.Copies;
using Ear.Providers.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureTables;

public static class AzureTablesStoreRegistration
{
    /// <summary>
    /// The store ports on Azure Tables and Blobs: <see cref="IProjects"/>, <see cref="IClusters"/>, <see cref="IUnfinishedClusters"/>, <see cref="INodes"/>, <see cref="IMachineTasks"/>,
    /// <see cref="IAlerts"/>, <see cref="IOpenAlerts"/>, <see cref="IAlertConfigs"/>, <see cref="ICredentials"/>, <see cref="IProjectCredentials{T}"/>, <see cref="IEvents"/>,
    /// <see cref="IOutbox"/>, <see cref="IAuditTrail"/>, <see cref="IPrivateEndpoints"/>, <see cref="IUnfinishedPrivateEndpoints"/>; the room for sealed secrets, which AddKeyVaultSecrets needs; and <see cref="IStateCopies"/>. Settings: <see cref="AzureTablesStoreOptions"/>, <see cref="CopyOptions"/>.
    /// Needs <see cref="IIds"/>, <see cref="TimeProvider"/> and, but with a connection string, a <see cref="TokenCredential"/>. The tables are created when the
    /// host starts; a <see cref="StoreException"/> then says what to do.
    /// </summary>
    public static IServiceCollection AddAzureTablesStore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AzureTablesStoreOptions>().Bind(configuration.GetSection(AzureTablesStoreOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AzureTablesStoreOptions>, AzureTablesStoreOptionsCheck>());
        services.TryAddSingleton(Store);
        services.TryAddSingleton<Index>();
        services.TryAddSingleton<Contents>();
        services.TryAddSingleton<PartitionWriter>();
        services.TryAddSingleton<TableParts>();
        services.TryAddSingleton<HandOff>();
        services.TryAddSingleton<IProjects, TableProjects>();
        services.TryAddSingleton<TableClusters>();
        services.TryAddSingleton<IClusters>(s => s.GetRequiredService<TableClusters>());
        services.TryAddSingleton<IUnfinishedClusters>(s => s.GetRequiredService<TableClusters>());
        services.TryAddSingleton<TableNodes>();
        services.TryAddSingleton<INodes>(s => s.GetRequiredService<TableNodes>());
        services.TryAddSingleton<IMachineTasks>(s => s.GetRequiredService<TableNodes>());
        services.TryAddSingleton<TableAlerts>();
        services.TryAddSingleton<IAlerts>(s => s.GetRequiredService<TableAlerts>());
        services.TryAddSingleton<IOpenAlerts>(s => s.GetRequiredService<TableAlerts>());
        services.TryAddSingleton<IAlertConfigs, TableAlertConfigs>();
        services.TryAddSingleton<TablePrivateEndpoints>();
        services.TryAddSingleton<IPrivateEndpoints>(s => s.GetRequiredService<TablePrivateEndpoints>());
        services.TryAddSingleton<IUnfinishedPrivateEndpoints>(s => s.GetRequiredService<TablePrivateEndpoints>());
        services.TryAddSingleton<TableCredentials>();
        services.TryAddSingleton<ICredentials>(s => s.GetRequiredService<TableCredentials>());
        services.TryAddSingleton(s => s.GetRequiredService<TableCredentials>().Keys);
        services.TryAddSingleton(s => s.GetRequiredService<TableCredentials>().Accounts);
        services.TryAddSingleton<IEvents, TableEvents>();
        services.TryAddSingleton<IOutbox, TableOutbox>();
        services.TryAddSingleton<IAuditTrail, TableAuditTrail>();
        services.TryAddSingleton<ISecretBoxes, TableSecretBoxes>();
        services.AddOptions<CopyOptions>().Bind(configuration.GetSection(CopyOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CopyOptions>, CopyOptionsCheck>());
        services.TryAddSingleton<IStateCopies>(s => ActivatorUtilities.CreateInstance<StateCopies>(s, () => Target(s)));
        services.AddHostedService<PrepareAtStart>();
        services.AddHostedService<BlobSweep>();
        return services;
    }

    private static TableStore Store(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<AzureTablesStoreOptions>>().Value;
        if (options.ConnectionString.Length > 0)
            return new(options, credential: null);
        return new(options, services.GetService<TokenCredential>() ?? throw new StoreException(
            $"The storage account {options.TableServiceUri} is reached as the app's identity, and the app has none. Register a TokenCredential, or for development set {AzureTablesStoreOptions.Section}:ConnectionString."));
    }

    private static CopyTarget Target(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<CopyOptions>>().Value;
        return new(options, services.GetRequiredService<IOptions<AzureTablesStoreOptions>>().Value, options.ConnectionString.Length > 0 ? null : services.GetRequiredService<TokenCredential>());
    }

    // A wrong address, a missing role or tables of a newer Ear end the start, not the first request; and they do so before anything else of the app starts.
    private sealed class PrepareAtStart(TableStore store, ILogger<TableStore> logger) : IHostedLifecycleService
    {
        public async Task StartingAsync(CancellationToken cancellationToken)
        {
            await store.PrepareAsync(cancellationToken);
            await RestoreMarks.RefuseHalfAsync(store, cancellationToken);
            await Layout.SettleAsync(store, cancellationToken);
            logger.StoreReady(store.Options.Prefix, store.Large.AccountName);
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
