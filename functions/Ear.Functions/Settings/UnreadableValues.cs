using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Ear.Functions.Settings;

/// <param name="Setting">Its whole name.</param>
/// <param name="Words">What is wrong and what to write. Never the value: it may be a secret in the wrong place.</param>
internal sealed record UnreadableValue(string Setting, string Words);

/// <summary>Values that a class of options cannot take: <c>abc</c> for a number. The binder tells of the first, and with its value.</summary>
internal static class UnreadableValues
{
    /// <param name="section">What the class is bound to.</param>
    public static IReadOnlyCollection<UnreadableValue> In(IConfiguration section, Type options)
        => [.. options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetMethod is { IsPublic: true }).SelectMany(p => At(section.GetSection(p.Name), p.PropertyType))];

    /// <returns>The section without them, under the same names.</returns>
    public static IConfiguration Without(IConfiguration section, IReadOnlyCollection<UnreadableValue> unreadable)
    {
        var path = (section as IConfigurationSection)?.Path ?? "";
        var rest = section.AsEnumerable().Where(s => s.Value is not null && !unreadable.Any(u => u.Setting.Equals(s.Key, StringComparison.OrdinalIgnoreCase)));
        var readable = new ConfigurationBuilder().AddInMemoryCollection(rest).Build();
        return path.Length == 0 ? readable : readable.GetSection(path);
    }

    private static IEnumerable<UnreadableValue> At(IConfigurationSection setting, Type type)
    {
        if (type == typeof(string) || !setting.Exists())
            return [];
        if (TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string)))
            return CanRead(setting, type) ? [] : [new(setting.Path, Words(Nullable.GetUnderlyingType(type) ?? type))];
        return Elements(type) is { } element ? setting.GetChildren().SelectMany(child => At(child, element)) : In(setting, type);
    }

    /// <summary>Asked of the binder itself, which alone knows what it takes.</summary>
    private static bool CanRead(IConfigurationSection setting, Type type)
    {
        try
        {
            _ = setting.Get(type);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <returns>Of what the values of a map or a list are.</returns>
    private static Type? Elements(Type type) => type.IsArray
        ? type.GetElementType()
        : typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType ? type.GetGenericArguments()[^1] : null;

    private static string Words(Type type) => type switch
    {
        { IsEnum: true } => $"is none of {string.Join(", ", Enum.GetNames(type))}; choose one.",
        _ when type == typeof(bool) => "is neither true nor false; write one of them.",
        _ when type == typeof(int) || type == typeof(long) => "is no whole number, or too large; write digits.",
        _ when type == typeof(double) => "is no number; write as 0.25.",
        _ when type == typeof(TimeSpan) => "is no time; write days.hours:minutes:seconds, as 00:00:30 or 90.00:00:00.",
        _ when type == typeof(DateTimeOffset) => "is no moment; write as 2026-11-24T12:00:00Z.",
        _ when type == typeof(Uri) => "is no address; write as https://name.example.org.",
        _ => $"cannot be read as {type.Name}.",
    };
}
