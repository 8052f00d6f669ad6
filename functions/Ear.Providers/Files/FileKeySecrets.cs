using Ear.Providers.Secrets;
using Ear.Providers.Sqlite;
using Ear.Secrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Files;

/// <summary>Secrets on one machine: boxes in the store, under a key file beside it.</summary>
internal static class FileKeySecrets
{
    /// <exception cref="StoreException">The key file is missing, open to others, or another one.</exception>
    public static SealedSecrets Open(StoreFile file, FileKeyOptions options)
    {
        // Reading here is one short local read, once, at start: a missing or open key file ends the start.
        var inUse = file.Readers.ReadAsync(c => c.First("SELECT EXISTS (SELECT 1 FROM secret)", r => r.GetBoolean(0)), CancellationToken.None);
        // Its key never gets outdated: there is nothing to log.
        return new(new SqliteSecretBoxes(file), FileKey.Open(options.KeyFile, inUse.AsTask().GetAwaiter().GetResult()), NullLogger.Instance);
    }
}

public static class FileKeySecretsRegistration
{
    /// <summary>
    /// <see cref="ISecrets"/> and <see cref="ISecretSeals"/> in the SQLite store, under a key file (<see cref="FileKeyOptions"/>). Needs AddSqliteStore.
    /// A key file with a wider mode than 0600 ends the start.
    /// </summary>
    public static IServiceCollection AddFileKeySecrets(this IServiceCollection services, Action<FileKeyOptions>? configure = null)
    {
        services.AddOptions<FileKeyOptions>().BindConfiguration(FileKeyOptions.Section).Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<FileKeyOptions>, FileKeyDefaults>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FileKeyOptions>, FileKeyOptionsCheck>());
        services.TryAddSingleton(s => FileKeySecrets.Open(s.GetRequiredService<StoreFile>(), s.GetRequiredService<IOptions<FileKeyOptions>>().Value));
        services.TryAddSingleton<ISecrets>(s => s.GetRequiredService<SealedSecrets>());
        services.TryAddSingleton<ISecretSeals>(s => s.GetRequiredService<SealedSecrets>());
        services.AddHostedService<OpenAtStart>();
        return services;
    }

    // Asking for the secrets opens the key: a wrong one ends the start, not the first request.
    private sealed class OpenAtStart(ISecrets secrets) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = secrets;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
