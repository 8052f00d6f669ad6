using Ear.Outcomes;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Http.Requests;

/// <summary>Which page of a list is asked for (spec atlas-ear §2.0).</summary>
/// <param name="Number">From 1.</param>
/// <param name="Size">1 to 500.</param>
public sealed record Paging(int Number, int Size, bool IncludeCount)
{
    public int Skip => (int)Math.Min((long)(Number - 1) * Size, int.MaxValue);

    public static Outcome<Paging> Of(HttpRequest request)
    {
        if (!TryNumber(request, "itemsPerPage", 100, 500, out var size))
            return new Problem.InvalidField("itemsPerPage", "A number from 1 to 500.");
        if (!TryNumber(request, "pageNum", 1, int.MaxValue, out var number))
            return new Problem.InvalidField("pageNum", "A number from 1.");
        return Query.Flag(request, "includeCount", true).Map(count => new Paging(number, size, count));
    }

    private static bool TryNumber(HttpRequest request, string name, int byDefault, int highest, out int number)
    {
        number = byDefault;
        var text = request.Query[name];
        return text.Count == 0 || (int.TryParse(text[0], out number) && number >= 1 && number <= highest);
    }
}

internal static class Query
{
    public static Outcome<bool> Flag(HttpRequest request, string name, bool byDefault)
    {
        var text = request.Query[name];
        if (text.Count == 0)
            return byDefault;
        return bool.TryParse(text[0], out var flag) ? flag : new Problem.InvalidField(name, "true or false.");
    }

    /// <summary>Whether a name begins as the query's <c>name</c> asks, whatever the case of its letters.</summary>
    public static bool StartsAsAsked(HttpRequest request, string name) => name.StartsWith(request.Query["name"].ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>The same question, as it goes on in a page's links.</summary>
    public static string NameFilter(HttpRequest request) => request.Query["name"].ToString() is { Length: > 0 } name ? $"&name={Uri.EscapeDataString(name)}" : "";

    /// <summary>Repeated, or separated by commas, or both.</summary>
    public static string[] Texts(HttpRequest request, string name)
        => [.. request.Query[name].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    public static Outcome<DateTimeOffset?> Time(HttpRequest request, string name)
    {
        var text = request.Query[name];
        if (text.Count == 0)
            return (DateTimeOffset?)null;
        return DateTimeOffset.TryParse(text[0], null, System.Globalization.DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : new Problem.InvalidField(name, "A time as 2025-11-26T15:34:40Z.");
    }
}
