using System.Collections.Immutable;
using System.Globalization;
using Ear.Outcomes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ear.Functions.Http.Requests;

/// <summary>
/// The versions in which one resource is served: the newest that is not newer than what was asked for answers (spec atlas-ear
/// §2.0), so a client may send one date for every path. Older than all, malformed or missing: 406 (C12).
/// </summary>
public sealed class MediaVersions
{
    private const string Prefix = "application/vnd.atlas.";
    private const string Suffix = "+json";
    private readonly ImmutableArray<MediaVersion> ascending;

    public MediaVersions(params ReadOnlySpan<string> dates)
        : this(dates.ToArray().Select(d => new MediaVersion(Parse(d))))
    {
    }

    private MediaVersions(IEnumerable<MediaVersion> versions) => ascending = [.. versions.OrderBy(v => v.Date)];

    /// <summary>What most resources have had from the beginning.</summary>
    public static MediaVersions First { get; } = new("2023-01-01");

    /// <summary>For doors beyond Atlas: one shape in plain JSON, whatever is asked for.</summary>
    public static MediaVersions Unversioned { get; } = new();

    /// <summary>With an older version, which works and warns: it is deprecated since the version after it.</summary>
    /// <param name="sunset">The day from which it may be gone.</param>
    public MediaVersions Deprecated(string date, string sunset)
    {
        var old = Parse(date);
        var successor = ascending.First(v => v.Date > old);
        return new(ascending.Add(new MediaVersion(old) { DeprecatedSince = successor.Date, Sunset = Parse(sunset) }));
    }

    /// <summary>By Accept: the first of the types that the client likes best which is served; by Content-Type where Accept names no version, as clients do that state it once.</summary>
    public Outcome<MediaVersion> Resolve(HttpRequest request)
    {
        if (ascending.IsEmpty)
            return MediaVersion.Plain;
        var accept = request.Headers.Accept.ToString();
        var wanted = Wanted(request.Headers.Accept).ToList();
        if (wanted.Count == 0 && Asked(request.ContentType) is { } written)
            wanted = [written];
        return wanted.Select(Floor).FirstOrDefault(v => v is not null) is { } version ? version : new Problem.UnknownMediaTypeVersion(accept.Length == 0 ? null : accept);
    }

    /// <summary>The version in which a body is written: any JSON type will do, and one without a version means the answer's.</summary>
    public Outcome<MediaVersion> ResolveBody(HttpRequest request, MediaVersion answer)
    {
        var type = request.ContentType ?? "application/json";
        var bare = Bare(type);
        if (bare.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return answer;
        if (ascending.IsEmpty || !bare.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return new Problem.UnsupportedContentType(type);
        return Asked(bare) is { } asked && Floor(asked) is { } version ? version : new Problem.UnknownMediaTypeVersion(type);
    }

    private MediaVersion? Floor(DateOnly asked)
    {
        for (var i = ascending.Length - 1; i >= 0; i--)
        {
            if (ascending[i].Date <= asked)
                return ascending[i];
        }
        return null;
    }

    /// <summary>What is versioned in an Accept header, what is liked best first, in its order among equals.</summary>
    private static IEnumerable<DateOnly> Wanted(Microsoft.Extensions.Primitives.StringValues accept)
        => MediaTypeHeaderValue.TryParseStrictList(accept, out var types)
            ? types.Where(t => t.Quality is not 0).OrderByDescending(t => t.Quality ?? 1).Select(t => Asked(t.MediaType.Value)).OfType<DateOnly>()
            : [];

    /// <summary>The date of a versioned type; preview means the newest.</summary>
    private static DateOnly? Asked(ReadOnlySpan<char> type)
    {
        var bare = Bare(type);
        if (!bare.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || !bare.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) || bare.Length <= Prefix.Length + Suffix.Length)
            return null;
        var version = bare[Prefix.Length..^Suffix.Length];
        if (version.Equals("preview", StringComparison.OrdinalIgnoreCase))
            return DateOnly.MaxValue;
        return DateOnly.TryParseExact(version, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;
    }

    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> type)
    {
        var semicolon = type.IndexOf(';');
        return (semicolon < 0 ? type : type[..semicolon]).Trim();
    }

    private static DateOnly Parse(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}

public sealed record MediaVersion(DateOnly Date)
{
    public static MediaVersion Plain { get; } = new(DateOnly.MinValue) { ContentType = "application/json" };

    public string ContentType { get; private init; } = $"application/vnd.atlas.{Date:yyyy-MM-dd}+json";

    /// <summary>Null: it is not.</summary>
    public DateOnly? DeprecatedSince { get; init; }

    public DateOnly? Sunset { get; init; }

    /// <summary>Says in an answer of a deprecated version since when it is (RFC 9745), and when it ends (RFC 8594).</summary>
    internal void Warn(IHeaderDictionary answer)
    {
        if (DeprecatedSince is { } since)
            answer["Deprecation"] = $"@{Midnight(since).ToUnixTimeSeconds()}";
        if (Sunset is { } sunset)
            answer["Sunset"] = Midnight(sunset).ToString("R", CultureInfo.InvariantCulture);
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
