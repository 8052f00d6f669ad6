using System.Security.Cryptography;
using Ear.Providers.Sqlite;
using Ear.Secrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Files;

/// <summary>Secrets on one machine: ciphertext in the store, under a key beside it. A copy of the store alone opens nothing (I5).</summary>
internal sealed class FileKeySecrets : ISecrets, IDisposable
{
    private const string Find = "SELECT ciphertext FROM secret WHERE name = $0";

    private readonly StoreFile _file;
    private readonly FileKey _key;

    public FileKeySecrets(StoreFile file, IOptions<FileKeyOptions> options)
    {
        _file = file;
        // Reading here is one short local read, once, at start: a missing or open key file ends the start.
        var inUse = file.Readers.ReadAsync(c => c.First("SELECT EXISTS (SELECT 1 FROM secret)", r => r.GetBoolean(0)), CancellationToken.None);
        _key = FileKey.Open(options.Value.KeyFile, inUse.AsTask().GetAwaiter().GetResult());
    }

    public async Task<byte[]?> FindAsync(string name, CancellationToken cancellation)
    {
        SecretNames.Valid(name);
        var box = await _file.Readers.ReadAsync(c => c.First(Find, r => r.GetFieldValue<byte[]>(0), name), cancellation);
        return box is null ? null : _key.Unseal(name, box);
    }

    public async Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellation)
    {
        if (await FindAsync(name, cancellation) is { } existing)
            return existing;
        var created = create();
        var box = _key.Seal(name, created);
        // Two may come this far: the first one's insert stands, and both get what is stored.
        var stored = await _file.Writer.WriteAsync(c =>
        {
            c.Execute("INSERT INTO secret (name, ciphertext) VALUES ($0, $1) ON CONFLICT DO NOTHING", name, box);
            return c.First(Find, r => r.GetFieldValue<byte[]>(0), name)!;
        }, cancellation);
        CryptographicOperations.ZeroMemory(created);
        return _key.Unseal(name, stored);
    }

    public Task PutAsync(string name, byte[] value, CancellationToken cancellation)
    {
        var box = _key.Seal(SecretNames.Valid(name), value);
        return _file.Writer.WriteAsync(
            c => c.Execute("INSERT INTO secret (name, ciphertext) VALUES ($0, $1) ON CONFLICT DO UPDATE SET ciphertext = excluded.ciphertext", name, box), cancellation);
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
        => _file.Writer.WriteAsync(c => c.Execute("DELETE FROM secret WHERE name = $0", SecretNames.Valid(name)), cancellation);

    public void Dispose() => _key.Dispose();
}

public static class FileKeySecretsRegistration
{
    /// <summary>
    /// <see cref="ISecrets"/> in the SQLite store, under a key file (<see cref="FileKeyOptions"/>). Needs AddSqliteStore.
    /// A key file with a wider mode than 0600 ends the start.
    /// </summary>
    public static IServiceCollection AddFileKeySecrets(this IServiceCollection services, Action<FileKeyOptions>? configure = null)
    {
        services.AddOptions<FileKeyOptions>().BindConfiguration(FileKeyOptions.Section).Configure(configure ?? (_ => { }));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<FileKeyOptions>, FileKeyDefaults>());
        services.TryAddSingleton<ISecrets, FileKeySecrets>();
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
