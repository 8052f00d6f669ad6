using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Providers.AzureKeyVault;
using Ear.Secrets;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>The provider with all that it needs around it.</summary>
internal sealed class AzureProvider : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly LogLines log = new();

    public AzureProvider(TimeProvider time, InMemoryStore store, ISecrets secrets, Action<AzureKeyVaultOptions> change) => services = new ServiceCollection()
        .AddSingleton(time)
        .AddSingleton<ISecrets>(secrets)
        .AddSingleton<IPrivateEndpoints>(store)
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
        .AddSingleton<IIds>(new SystemIds(time))
        .AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(log))
        .AddAzureKeyVault()
        .Configure<AzureKeyVaultOptions>(o =>
        {
            // The bound has tests of its own; here it would be one long wait.
            o.CallsPerSecond = 1_000;
            change(o);
        })
        .BuildServiceProvider();

    public ICustomerKey Key => services.GetRequiredService<ICustomerKey>();

    public IReadOnlyList<string> Logged => log.Lines;

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
