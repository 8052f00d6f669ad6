using System.Collections.Immutable;
using System.Globalization;
using Ear.Outcomes;
using Microsoft.AspNetCore.Http;

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
        => ascending = [.. dates.ToArray().Select(d => new MediaVersion(DateOnly.ParseExact(d, "yyyy-MM-dd", CultureInfo.InvariantCulture))).OrderBy(v => v.Date)];

    /// <summary>What most resources have had from the beginning.</summary>
    public static MediaVersions First { get; } = new("2023-01-01");

    /// <summary>For doors beyond Atlas: one shape in plain JSON, whatever is asked for.</summary>
    public static MediaVersions Unversioned { get; } = new();

    /// <summary>By Accept; by Content-Type where Accept names no version, as clients do that state it once.</summary>
    public Outcome<MediaVersion> Resolve(HttpRequest request)
    {
        if (ascending.IsEmpty)
            return MediaVersion.Plain;
        var accept = request.Headers.Accept.ToString();
        return (Asked(accept) ?? Asked(request.ContentType ?? "")) is { } asked && Floor(asked) is { } version
            ? version
            : new Problem.UnknownMediaTypeVersion(accept.Length == 0 ? null : accept);
    }

    /// <summary>The version in which a body is written: any JSON type will do, and one without a version means the answer's.</summary>
    public Outcome<MediaVersion> ResolveBody(HttpRequest request, MediaVersion answer)
    {
        var type = request.ContentType ?? "application/json";
        var semicolon = type.IndexOf(';');
        var bare = (semicolon < 0 ? type : type[..semicolon]).Trim();
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

    /// <summary>The first versioned type of a list; preview means the newest.</summary>
    private static DateOnly? Asked(string list)
    {
        var start = list.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return null;
        var rest = list.AsSpan(start + Prefix.Length);
        var end = rest.IndexOf(Suffix, StringComparison.OrdinalIgnoreCase);
        if (end < 0)
            return null;
        if (rest[..end].Equals("preview", StringComparison.OrdinalIgnoreCase))
            return DateOnly.MaxValue;
        return DateOnly.TryParseExact(rest[..end], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;
    }
}

public sealed record MediaVersion(DateOnly Date)
{
    public static MediaVersion Plain { get; } = new(DateOnly.MinValue) { ContentType = "application/json" };

    public string ContentType { get; private init; } = $"application/vnd.atlas.{Date:yyyy-MM-dd}+json";
}
