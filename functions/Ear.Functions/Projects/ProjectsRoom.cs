using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.Projects;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Projects;

public static class ProjectsRoom
{
    /// <summary>Needs <see cref="CustomerKeys.IAwsRoles"/> from the AWS provider.</summary>
    public static IServiceCollection AddProjects(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ProjectOptions>().Bind(configuration.GetSection(ProjectOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProjectOptions>, ProjectOptionsFaults>();
        services.TryAddSingleton<EventFactory>();
        services.TryAddSingleton<WebhookAddresses>();
        services.AddOptions<ControlPlaneOptions>().Bind(configuration.GetSection(ControlPlaneOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ControlPlaneOptions>, ControlPlaneOptionsFaults>();
        return services
            .AddSingleton<ProjectChanges>()
            .AddSingleton<RoleChanges>()
            .AddSingleton<AwsRoles>()
            .AddSingleton<CloudAccess>()
            .AddSingleton<ProjectCreation>()
            .AddSingleton<ProjectUpdates>()
            .AddSingleton<ProjectRemains>()
            .AddSingleton<ProjectClosing>()
            .AddSingleton<ClusterDetails>()
            .AddSingleton<MaintenanceWindows>()
            .AddSingleton<BackupCompliancePolicies>()
            .AddSingleton<ProjectList>()
            .AddSingleton<GroupViews>()
            .AddSingleton<Bootstrap>();
    }
}
