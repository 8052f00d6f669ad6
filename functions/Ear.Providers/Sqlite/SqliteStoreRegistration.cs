using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Sqlite;

public static class SqliteStoreRegistration
{
    /// <summary>
    /// The store ports on one SQLite file: <see cref="IProjects"/>, <see cref="IClusters"/>, <see cref="IUnfinishedClusters"/>, <see cref="INodes"/>, <see cref="IMachineTasks"/>,
    /// <see cref="IAlerts"/>, <see cref="IOpenAlerts"/>, <see cref="IAlertConfigs"/>, <see cref="ICredentials"/>, <see cref="IProjectCredentials{T}"/>, <see cref="IEvents"/>,
    /// <see cref="IOutbox"/>, <see cref="IAuditTrail"/>, <see cref="IPrivateEndpoints"/>, <see cref="IUnfinishedPrivateEndpoints"/>.
    /// The file is opened, locked and migrated when the host starts; a <see cref="StoreException"/> then says what to do.
    /// </summary>
    public static IServiceCollection AddSqliteStore(this IServiceCollection services, Action<SqliteStoreOptions> configure)
    {
        services.AddSqliteFile(configure);
        services.TryAddSingleton<SqliteClusters>();
        services.TryAddSingleton<IProjects, SqliteProjects>();
        services.TryAddSingleton<IClusters>(s => s.GetRequiredService<SqliteClusters>());
        services.TryAddSingleton<IUnfinishedClusters>(s => s.GetRequiredService<SqliteClusters>());
        services.TryAddSingleton<SqliteNodes>();
        services.TryAddSingleton<INodes>(s => s.GetRequiredService<SqliteNodes>());
        services.TryAddSingleton<IMachineTasks>(s => s.GetRequiredService<SqliteNodes>());
        services.TryAddSingleton<SqliteAlerts>();
        services.TryAddSingleton<IAlerts>(s => s.GetRequiredService<SqliteAlerts>());
        services.TryAddSingleton<IOpenAlerts>(s => s.GetRequiredService<SqliteAlerts>());
        services.TryAddSingleton<IAlertConfigs, SqliteAlertConfigs>();
        services.TryAddSingleton<SqlitePrivateEndpoints>();
        services.TryAddSingleton<IPrivateEndpoints>(s => s.GetRequiredService<SqlitePrivateEndpoints>());
        services.TryAddSingleton<IUnfinishedPrivateEndpoints>(s => s.GetRequiredService<SqlitePrivateEndpoints>());
        services.TryAddSingleton<SqliteCredentials>();
        services.TryAddSingleton<ICredentials>(s => s.GetRequiredService<SqliteCredentials>());
        services.TryAddSingleton(s => s.GetRequiredService<SqliteCredentials>().Keys);
        services.TryAddSingleton(s => s.GetRequiredService<SqliteCredentials>().Accounts);
        services.TryAddSingleton<IEvents, SqliteEvents>();
        services.TryAddSingleton<IOutbox, SqliteOutbox>();
        services.TryAddSingleton<IAuditTrail, SqliteAuditTrail>();
        return services;
    }

    /// <summary>Only the file, without the store ports: for secrets beside documents that are elsewhere.</summary>
    public static IServiceCollection AddSqliteFile(this IServiceCollection services, Action<SqliteStoreOptions> configure)
    {
        services.AddOptions<SqliteStoreOptions>().BindConfiguration(SqliteStoreOptions.Section).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteStoreOptions>, SqliteStoreOptionsCheck>());
        services.TryAddSingleton<StoreFile>();
        services.AddHostedService<OpenAtStart>();
        return services;
    }

    // Asking for the file opens it: a wrong path ends the start, not the first request.
    private sealed class OpenAtStart(StoreFile file) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = file;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
