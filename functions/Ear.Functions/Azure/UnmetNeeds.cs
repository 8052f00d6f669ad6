using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Azure;

/// <summary>
/// Ports that somebody asks for in a constructor and nobody implements. The container's own validation does not see the classes of
/// functions, which are made at each invocation, and tells of one missing port once for each service that hangs on it.
/// </summary>
internal static class UnmetNeeds
{
    private static readonly Assembly Domain = typeof(IIds).Assembly;

    public static void Refuse(IServiceCollection services, Assembly functions)
    {
        var unmet = Of(services, functions);
        if (unmet.Count > 0)
            throw new InvalidOperationException(
                $"Ear cannot start: nothing stands behind {unmet.Count} of its ports. Add what implements them to {nameof(EarInAzure)}.\n"
                + string.Join('\n', unmet.OrderBy(u => u.Key, StringComparer.Ordinal).Select(u => $"  {u.Key}: needed by {string.Join(", ", u.Value.Take(3))}")));
    }

    /// <returns>By the name of the port, who needs it.</returns>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(IServiceCollection services, Assembly functions)
    {
        var there = services.Select(s => s.IsKeyedService ? null : s.ServiceType).ToHashSet();
        return services.Select(s => s.IsKeyedService ? null : s.ImplementationType)
            .Concat(functions.GetTypes().Where(HoldsFunctions))
            .OfType<Type>().Distinct()
            .SelectMany(type => type.GetConstructors().SelectMany(c => c.GetParameters()).Where(p => !p.HasDefaultValue).Select(p => (Port: p.ParameterType, By: type)))
            .Where(need => need.Port is { IsInterface: true } && need.Port.Assembly == Domain && !there.Contains(need.Port))
            .GroupBy(need => Name(need.Port), StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(n => n.By.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], StringComparer.Ordinal);
    }

    private static bool HoldsFunctions(Type type)
        => type.GetMethods().Any(m => m.IsDefined(typeof(FunctionAttribute)));

    private static string Name(Type port)
        => port.IsGenericType
            ? $"{port.Namespace}.{port.Name.Split('`')[0]}<{string.Join(", ", port.GetGenericArguments().Select(a => a.Name))}>"
            : $"{port.Namespace}.{port.Name}";
}
