using Ear.Alerts;
using Ear.Functions.Http.Access;
using Ear.Functions.Http.Requests;
using Ear.Projects;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Http;

public static class HttpRoom
{
    /// <summary>What all HTTP doors stand on. Needs <see cref="ICredentials"/>, <see cref="IProjectCredentials{T}"/>, <see cref="IProjects"/> and <see cref="Secrets.ISecrets"/> from a store.</summary>
    public static IServiceCollection AddHttpDoors(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DoorOptions>().Bind(configuration.GetSection(DoorOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DoorOptions>, DoorOptionsFaults>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIds, SystemIds>();
        services.TryAddSingleton<EventFactory>();
        return services
            .AddSingleton<ProjectOwners>()
            .AddSingleton<CredentialChanges<ApiKey>>()
            .AddSingleton<CredentialChanges<ServiceAccount>>()
            .AddSingleton<ApiKeys>()
            .AddSingleton<ServiceAccounts>()
            .AddSingleton<ServiceAccountSignIn>()
            .AddSingleton<DoorKeys>()
            .AddSingleton<DigestNonces>()
            .AddSingleton<NonceReplays>()
            .AddSingleton<DigestAuthentication>()
            .AddSingleton<AccessTokens>()
            .AddSingleton<RevokedTokens>()
            .AddSingleton<BearerAuthentication>()
            .AddSingleton<Authenticator>()
            .AddSingleton<RequestRates>()
            .AddSingleton<IntendedBodies>()
            .AddSingleton<Idempotency>()
            .AddSingleton<AtlasDoor>();
    }
}
