using System.Runtime.CompilerServices;

namespace Ear.Alerts;

/// <summary>
/// All unfinished alerts, once around, beginning behind the one that was looked at last: whatever ends a round early, those behind it come first in the next,
/// and nobody is starved. Where that was is kept in memory; a process begins at any page.
/// </summary>
internal sealed class AlertsInTurn(IOpenAlerts open, IIds ids)
{
    private string? _place;
    private bool _begun;

    public void LookedAt(Alert alert) => _place = open.Behind(alert);

    /// <summary>No page is empty.</summary>
    public async IAsyncEnumerable<IReadOnlyList<Alert>> AroundAsync(int pageSize, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!_begun)
            _place = await AnyPageAsync(pageSize, cancellation);
        _begun = true;
        var begin = _place;
        AlertId? first = null;
        await foreach (var page in PagesAsync(begin, pageSize, cancellation))
        {
            first ??= page[0].Id;
            yield return page;
        }
        if (begin is null)
            yield break;
        await foreach (var page in PagesAsync(null, pageSize, cancellation))
        {
            // If the first one is finished meanwhile, some are looked at twice: nobody is told twice for it.
            var rest = page.TakeWhile(a => a.Id != first).ToList();
            if (rest.Count > 0)
                yield return rest;
            if (rest.Count < page.Count)
                yield break;
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<Alert>> PagesAsync(string? next, int pageSize, [EnumeratorCancellation] CancellationToken cancellation)
    {
        do
        {
            var page = await open.OpenAsync(next, pageSize, cancellation);
            if (page.Items.Count > 0)
                yield return page.Items;
            next = page.Continuation;
        }
        while (next is not null);
    }

    /// <summary>Each with the same chance. Reads them all, once in a process.</summary>
    private async Task<string?> AnyPageAsync(int pageSize, CancellationToken cancellation)
    {
        string? chosen = null, next = null;
        for (var pages = 1; ; pages++)
        {
            if (ids.NextDouble() * pages < 1)
                chosen = next;
            next = (await open.OpenAsync(next, pageSize, cancellation)).Continuation;
            if (next is null)
                return chosen;
        }
    }
}
