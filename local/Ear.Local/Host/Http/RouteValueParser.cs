using System.Globalization;
using System.Reflection;

namespace Ear.Local.Host.Http;

internal delegate bool ParseRouteValue(string text, out object? value);

/// <summary>
/// Reads a route value: a string as it is, anything else through IParsable (int, Guid and so on, and ids of the domain that
/// implement it) or a public static <c>bool TryParse(string, out T)</c>.
/// </summary>
internal static class RouteValueParser
{
    private delegate bool TryParse<T>(string text, out T value);

    /// <summary>Null when the type offers no way.</summary>
    public static ParseRouteValue? For(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return (string text, out object? value) => (value = text) is not null;
        if (type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>) && i.GetGenericArguments()[0] == type))
            return Make(nameof(Parsable), type, []);
        var tryParse = type.GetMethod("TryParse", BindingFlags.Public | BindingFlags.Static, [typeof(string), type.MakeByRefType()]);
        return tryParse?.ReturnType == typeof(bool) ? Make(nameof(Own), type, [tryParse]) : null;
    }

    private static ParseRouteValue Make(string maker, Type type, object?[] arguments) =>
        (ParseRouteValue)typeof(RouteValueParser).GetMethod(maker, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, arguments)!;

    private static ParseRouteValue Parsable<T>()
        where T : IParsable<T> =>
        (string text, out object? value) =>
        {
            var parsed = T.TryParse(text, CultureInfo.InvariantCulture, out var result);
            value = result;
            return parsed;
        };

    private static ParseRouteValue Own<T>(MethodInfo method)
    {
        var tryParse = method.CreateDelegate<TryParse<T>>();
        return (string text, out object? value) =>
        {
            var parsed = tryParse(text, out var result);
            value = result;
            return parsed;
        };
    }
}
