using System.Buffers.Text;
using System.Text;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>A part of a list, and where the next one begins.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string Next, int Total);

internal static class Pages
{
    private const int Usual = 100;
    private const int Most = 1000;

    /// <param name="all">Always in the same order.</param>
    /// <param name="size">0: as many as the service likes.</param>
    /// <param name="token">Empty: from the beginning.</param>
    public static Page<T> Of<T>(IReadOnlyList<T> all, int size, string token)
    {
        if (size < 0)
            throw GoogleRefusal.Invalid("page_size must not be negative.");
        var start = token.Length == 0 ? 0 : Start(token);
        var taken = Math.Min(size == 0 ? Usual : Math.Min(size, Most), Math.Max(0, all.Count - start));
        var end = start + taken;
        return new Page<T>([.. all.Skip(start).Take(taken)], end < all.Count ? Base64Url.EncodeToString(Encoding.ASCII.GetBytes(end.ToString())) : "", all.Count);
    }

    private static int Start(string token) =>
        Base64Url.IsValid(token) && int.TryParse(Encoding.ASCII.GetString(Base64Url.DecodeFromChars(token)), out var start) && start >= 0
            ? start
            : throw GoogleRefusal.Invalid("Invalid page token.");
}
