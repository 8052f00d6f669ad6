using System.Collections.Immutable;
using Ear.Outcomes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ear.Functions.Http.Requests;

/// <summary>If-Match (RFC 9110 §13.1.1), which says the version that a change is meant for. Atlas has none of it: without the header all is as there.</summary>
internal static class IfMatch
{
    /// <summary>A tag that is weak, or was never one of Ear's, matches nothing.</summary>
    public static Outcome<Expected> Of(HttpRequest request)
    {
        var sent = request.Headers.IfMatch;
        if (sent.Count == 0 || HttpMethods.IsGet(request.Method) || HttpMethods.IsPost(request.Method))
            return Expected.Any;
        if (!EntityTagHeaderValue.TryParseStrictList(sent!, out var tags))
            return new Problem.InvalidField("If-Match", "A list of entity tags, each in quotation marks as ETag said it, or *.");
        return tags.Any(t => t.Equals(EntityTagHeaderValue.Any)) ? Expected.Any : Expected.OneOf([.. tags.Where(t => !t.IsWeak).Select(Version)]);
    }

    private static long Version(EntityTagHeaderValue tag) => long.TryParse(tag.Tag.AsSpan().Trim('"'), out var version) ? version : -1;
}
