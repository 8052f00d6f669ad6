using Ear.Local.Host;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Durable.Hosting;

/// <summary>Plugs the durable engine into a functions host. Called before <see cref="FunctionsHost.Build(Microsoft.AspNetCore.Builder.WebApplicationBuilder, System.Reflection.Assembly, FunctionsHostOptions, Action{Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder})"/>, so that the engine starts first and stops last.</summary>
internal static class DurableHosting
{
    public static IServiceCollection AddDurable(this IServiceCollection services, FunctionsHostOptions host, DurableOptions options)
    {
        var orchestrations = new OrchestrationTrigger();
        var activities = new ActivityTrigger();
        host.Triggers.Add(orchestrations);
        host.Triggers.Add(activities);
        host.Binders.Add(orchestrations);
        host.Binders.Add(activities);
        host.Binders.Add(new DurableClientBinder());
        services.AddSingleton(options);
        services.AddSingleton<DurableService>();
        services.AddHostedService(provider => provider.GetRequiredService<DurableService>());
        services.AddSingleton(provider => provider.GetRequiredService<DurableService>().Client);
        return services;
    }
}
