using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ear.Providers.AzureTables;

/// <summary>
/// The names of rows. Keys of Azure Tables hold 512 characters, none of / \ # ? or a control character; they sort and compare ordinally. Ear's keys use
/// letters, digits, '-', '.', ':' (between parts) and '_' (which begins an escape), so they need no quoting in an address, a filter or a blob's name.
/// </summary>
internal static class RowKeys
{
    /// <summary>One in each partition: where its chain ends, and what every write that reaches beyond its partition is conditional on.</summary>
    public const string Head = "head";

    public const string Project = "project";

    public const string Credential = "credential";

    public const string Events = "event:";

    public const string Outbox = "outbox:";

    /// <summary>A longer part is told by its digest; two parts of a key and their words fit 512.</summary>
    private const int LongestPart = 200;

    public static string Event(long sequence) => $"{Events}{Number(sequence)}";

    public const string EventIds = "eventid:";

    /// <summary>What deletions leave.</summary>
    public const string Tombstones = "gone:";

    public static string EventId(string id) => $"{EventIds}{id}";

    public static string Pending(long sequence) => $"{Outbox}{Number(sequence)}";

    /// <summary>What a deletion leaves: who deleted, so that a deletion whose answer was lost knows its own work.</summary>
    public static string Gone(string row) => $"{Tombstones}{row}";

    /// <summary>19 digits sort as numbers do.</summary>
    public static string Number(long value) => value.ToString("D19", CultureInfo.InvariantCulture);

    public static long NumberIn(string key) => long.Parse(key.AsSpan(key.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The first key after all that begin with this; ':' is followed by ';'.</summary>
    public static string EndOf(string prefix) => $"{prefix[..^1]}{(char)(prefix[^1] + 1)}";

    /// <summary>Any text as a part of a key: no two texts give the same part. Letters, digits, '-' and '.' stay, everything else becomes '_' and four hexadecimal digits.</summary>
    public static string Part(string text)
    {
        var part = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.')
                part.Append(c);
            else
                part.Append('_').Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
        }
        // "__" begins no escape, so a digest is never the part of another text. UTF-16, as the escapes: half a pair is told apart too.
        return part.Length <= LongestPart ? part.ToString() : $"__{Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(text)))}";
    }

    /// <summary>The text of a part; null: only its digest is known.</summary>
    public static string? TextOf(string part)
    {
        if (part.StartsWith("__", StringComparison.Ordinal))
            return null;
        var text = new StringBuilder(part.Length);
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] != '_')
                text.Append(part[i]);
            else if (i + 4 < part.Length && ushort.TryParse(part.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                text.Append((char)unit);
                i += 4;
            }
            else
                return null;
        }
        return text.ToString();
    }
}
