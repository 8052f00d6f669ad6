using Ear.Alerts;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Alerts.Doors;

internal sealed record EventQuery(Paging Paging, EventFilter Filter, bool IncludeRaw)
{
    public static Outcome<EventQuery> Of(HttpRequest request)
        => Paging.Of(request).Then(paging => Query.Time(request, "minDate").Then(from => Query.Time(request, "maxDate").Then(to
            => Query.Flag(request, "includeRaw", false).Map(raw => new EventQuery(
                paging,
                new EventFilter([.. Query.Texts(request, "eventType")], [.. Query.Texts(request, "excludedEventType")], [.. Query.Texts(request, "clusterNames")], from, to),
                raw)))));

    /// <summary>The filters again, for the links to other pages.</summary>
    public string Links()
        => string.Concat(
            Filter.ClusterNames.Select(n => $"&clusterNames={Uri.EscapeDataString(n)}")
                .Concat(Filter.EventTypes.Select(t => $"&eventType={Uri.EscapeDataString(t)}"))
                .Concat(Filter.ExcludedEventTypes.Select(t => $"&excludedEventType={Uri.EscapeDataString(t)}"))
                .Concat(IncludeRaw ? ["&includeRaw=true"] : [])
                .Concat(Filter.MaxDate is { } to ? [$"&maxDate={to.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"] : [])
                .Concat(Filter.MinDate is { } from ? [$"&minDate={from.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"] : []));
}
