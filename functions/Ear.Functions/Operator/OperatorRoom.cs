using Ear.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Operator;

public static class OperatorRoom
{
    /// <summary>Needs the HTTP doors, the projects room, and <see cref="INodes"/> and <see cref="IMachineTasks"/> from a store.</summary>
    public static IServiceCollection AddOperator(this IServiceCollection services)
        => services
            .AddSingleton<AwaitedNodes>()
            .AddSingleton<AwaitedNodeViews>();
}
