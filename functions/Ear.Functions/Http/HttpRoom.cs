using Ear.Functions.Http.Access;
using Ear.Functions.Http.Requests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Http;

public static class HttpRoom
{
    /// <summary>What all HTTP doors stand on. Needs <see cref="Projects.ICredentials"/>, <see cref="Projects.IProjects"/> and <see cref="Secrets.ISecrets"/> from a store.</summary>
    public static IServiceCollection AddHttpDoors(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DoorOptions>().Bind(configuration.GetSection(DoorOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DoorOptions>, DoorOptionsFaults>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIds, SystemIds>();
        return services
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
