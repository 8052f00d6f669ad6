using Azure.Data.Tables;

namespace Ear.Providers.AzureTables;

/// <summary>The one place where rows of the index come and go.</summary>
internal sealed class Index(TableStore store, IIds ids)
{
    /// <summary>Others who want the same name at the same time; each round one of us gets on.</summary>
    private const int MaxRounds = 20;

    /// <summary>Makes sure that the row is there, in a version that nobody has read before: see <see cref="RemoveIfUntrueAsync"/>.</summary>
    public Task PutAsync(Listing listing, CancellationToken cancellation) => store.PutIndexAsync(listing.AsRow(), cancellation);

    /// <summary>Makes the row ours; takes it over where it is not true of whoever has it.</summary>
    /// <param name="isTrue">Whether the document that a row leads to has it.</param>
    /// <returns>False: another document has it.</returns>
    public async Task<bool> TryClaimAsync(Listing listing, Func<Listing, Task<bool>> isTrue, CancellationToken cancellation)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            if (await store.FindIndexAsync(listing.Shelf, listing.Row, cancellation) is not { } row)
            {
                if (await store.TryAddIndexAsync(listing.AsRow(), cancellation))
                    return true;
                continue;
            }
            var there = Listing.Of(row);
            var isOurs = there.Owner == listing.Owner && there.Target == listing.Target;
            if (!isOurs && (await isTrue(there) || await IsTrueAfterFenceAsync(there, isTrue, cancellation)))
                return false;
            if (await store.TryReplaceIndexAsync(listing.AsRow(), row.ETag, cancellation))
                return true;
        }
        throw new StoreException($"Too many claim '{listing.Row}' at the same time. Try again.");
    }

    /// <summary>
    /// Takes a row away that is not true. Of a save that is about to make it true, either the fence makes the transaction fail (it then begins again,
    /// with the row), or its own version of the row makes our deletion fail.
    /// </summary>
    /// <param name="row">As it was read, before anything else was looked at.</param>
    public async Task RemoveIfUntrueAsync(TableEntity row, Func<Listing, Task<bool>> isTrue, CancellationToken cancellation)
    {
        var listing = Listing.Of(row);
        if (!await isTrue(listing) && !await IsTrueAfterFenceAsync(listing, isTrue, cancellation))
            await store.TryDeleteIndexAsync(row, cancellation);
    }

    private async Task<bool> IsTrueAfterFenceAsync(Listing listing, Func<Listing, Task<bool>> isTrue, CancellationToken cancellation)
    {
        var fence = new TableEntity(listing.Owner, RowKeys.Head) { [Head.FenceProperty] = ids.NewHex() };
        // Only who takes the row of the outbox away says that the partition is not listed there.
        if (listing.Shelf == Shelves.Outbox)
            fence[Head.ListedProperty] = false;
        await store.MergeAsync(fence, cancellation);
        return await isTrue(listing);
    }
}
