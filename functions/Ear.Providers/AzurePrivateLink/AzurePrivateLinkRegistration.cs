using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.ResourceManager;
using Azure.ResourceManager.Resources;
using Ear.PrivateEndpoints;
using Ear.Providers.Kms;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzurePrivateLink;

public static class AzurePrivateLinkRegistration
{
    /// <summary>
    /// <see cref="IPrivateLink"/> of Azure, from section <see cref="AzurePrivateLinkOptions.Section"/>; nothing when all of that is empty, and then private networking
    /// to key vaults is refused. Needs a <see cref="TokenCredential"/>, <see cref="TimeProvider"/> and logging.
    /// </summary>
    public static IServiceCollection AddAzurePrivateLink(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(AzurePrivateLinkOptions.Section);
        if (AzurePrivateLinkOptions.IsOff(section))
            return services;
        services.AddOptions<AzurePrivateLinkOptions>().Bind(section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AzurePrivateLinkOptions>, AzurePrivateLinkOptionsCheck>());
        services.TryAddSingleton<ArmHttp>();
        services.TryAddSingleton(Group);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPrivateLink, AzurePrivateLink>());
        return services;
    }

    private static ArmGroup Group(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<AzurePrivateLinkOptions>>().Value;
        var settings = new ArmClientOptions
        {
            Environment = new ArmEnvironment(options.ManagementEndpoint, options.ManagementEndpoint.GetLeftPart(UriPartial.Authority)),
            Transport = services.GetRequiredService<ArmHttp>().Transport,
        };
        // The orchestration asks again, by a clock of its own.
        settings.Retry.MaxRetries = 0;
        settings.Retry.NetworkTimeout = options.AttemptTimeout;
        var client = new ArmClient(services.GetRequiredService<TokenCredential>(), options.SubscriptionId, settings);
        return new ArmGroup(client, ResourceGroupResource.CreateResourceIdentifier(options.SubscriptionId, options.ResourceGroup), services.GetRequiredService<TimeProvider>());
    }
}

/// <summary>The connections to Azure Resource Manager.</summary>
internal sealed class ArmHttp : IDisposable
{
    private readonly X509Certificate2? authority;
    private readonly HttpClient client;

    public ArmHttp(IOptions<AzurePrivateLinkOptions> options)
    {
        if (options.Value.CaFile is { } file)
            authority = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        client = new HttpClient(KmsHttp.Handler(options.Value.AttemptTimeout, OwnAuthority.OrTheSystems(authority))) { Timeout = Timeout.InfiniteTimeSpan };
        Transport = new HttpClientTransport(client);
    }

    public HttpPipelineTransport Transport { get; }

    public void Dispose()
    {
        client.Dispose();
        authority?.Dispose();
    }
}
