using System.Text.RegularExpressions;

namespace Ear.Functions.ApiDocument;

/// <summary>Names of operations for clients that are generated: Atlas's API rules want at most four words.</summary>
internal static partial class OperationNames
{
    private const int MaxWords = 4;

    /// <summary>The verb and the last three words; null: it is short enough.</summary>
    public static string? Short(string id)
    {
        var words = Word().Matches(id).Select(m => m.Value).ToArray();
        return words.Length <= MaxWords ? null : string.Concat(words.Take(1).Concat(words.TakeLast(MaxWords - 1)));
    }

    [GeneratedRegex("[A-Z]+(?![a-z0-9])|[A-Z]*[a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
