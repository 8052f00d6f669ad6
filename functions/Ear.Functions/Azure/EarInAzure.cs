using Ear.Nodes;
using Ear.Providers.AwsKms;
using Ear.Providers.AzureIdentity;
using Ear.Providers.AzureKeyVault;
using Ear.Providers.AzurePrivateLink;
using Ear.Providers.AzureSecrets;
using Ear.Providers.AzureTables;
using Ear.Providers.GoogleCloudKms;
using Ear.Providers.ServiceBus;
using Ear.Providers.Smtp;
using Ear.Providers.Webhooks;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Azure;

/// <summary>What stands behind the ports of the app in Azure (ADR-0009). Its counterpart on one machine is <c>ear up</c>.</summary>
public static class EarInAzure
{
    /// <summary>Call after <see cref="EarApp.AddEar"/>. A service that nobody registered, or that lives too short, ends the start.</summary>
    /// <exception cref="InvalidOperationException">Something that the app needs has no implementation here; the text names it.</exception>
    public static FunctionsApplicationBuilder AddEarInAzure(this FunctionsApplicationBuilder app)
    {
        app.Services.AddPortsInAzure(app.Configuration);
        UnmetNeeds.Refuse(app.Services, typeof(EarApp).Assembly);
        app.ConfigureContainer(new DefaultServiceProviderFactory(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }));
        return app;
    }

    /// <summary>A line for each part.</summary>
    internal static IServiceCollection AddPortsInAzure(this IServiceCollection services, IConfiguration configuration)
        => services
            .AddAzureIdentity()
            .AddAzureTablesStore(configuration)
            .AddKeyVaultSecrets()
            .AddAwsKms()
            .AddAzureKeyVault()
            .AddAzurePrivateLink(configuration)
            .AddGoogleCloudKms()
            .AddServiceBusAnnouncer()
            .AddSmtp()
            .AddWebhooks()
            .AddSingleton<IMachines, AwaitedMachines>();
}
