using Microsoft.Extensions.Configuration;

namespace Ear.Local.Host;

/// <summary>Attributes may say <c>%name%</c> for the value of a setting.</summary>
internal static class Setting
{
    /// <summary>The text itself, or the setting's value; null when it has none.</summary>
    public static string? Resolve(string text, IConfiguration configuration)
    {
        if (text.Length < 3 || text[0] != '%' || text[^1] != '%')
            return text;
        var value = configuration[text[1..^1]];
        return string.IsNullOrWhiteSpace(value) ? null : value;
    }
}
