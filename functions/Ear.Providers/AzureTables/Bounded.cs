namespace Ear.Providers.AzureTables;

/// <summary>Several calls at the same time, never more than <see cref="AzureTablesStoreOptions.ReadsAtOnce"/>.</summary>
internal static class Bounded
{
    /// <summary>In the order of the items.</summary>
    public static async Task<TResult[]> SelectAsync<T, TResult>(this TableStore store, IReadOnlyList<T> items, Func<T, Task<TResult>> call, CancellationToken cancellation)
    {
        var results = new TResult[items.Count];
        await Parallel.ForAsync(0, items.Count, With(store, cancellation), async (i, _) => results[i] = await call(items[i]));
        return results;
    }

    public static Task EachAsync<T>(this TableStore store, IReadOnlyList<T> items, Func<T, Task> call, CancellationToken cancellation)
        => Parallel.ForEachAsync(items, With(store, cancellation), async (item, _) => await call(item));

    private static ParallelOptions With(TableStore store, CancellationToken cancellation) => new() { MaxDegreeOfParallelism = store.Options.ReadsAtOnce, CancellationToken = cancellation };
}
