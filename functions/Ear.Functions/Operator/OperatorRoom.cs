using Ear.Nodes;
using Ear.Secrets;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Operator;

public static class OperatorRoom
{
    /// <summary>Needs the HTTP doors, the projects room, and <see cref="INodes"/>, <see cref="IMachineTasks"/> and <see cref="ISecrets"/> from a store.</summary>
    public static IServiceCollection AddOperator(this IServiceCollection services)
        => services
            .AddSingleton<OwnSecrets>()
            .AddSingleton<AwaitedNodes>()
            .AddSingleton<AwaitedNodeViews>();
}
