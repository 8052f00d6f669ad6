namespace Ear.Providers.Sqlite;

/// <summary>Lists rows in turns: each gets its own, however many there are. Where the last turn ended is forgotten at a restart, which costs nothing.</summary>
/// <param name="read">Rows beyond (<c>&gt;</c>) or up to (<c>&lt;=</c>) the one that is given, in the order of their keys, at most so many; null is before all.</param>
internal sealed class Turns<T>(StoreFile file, Func<StoreConnection, string, T?, int, List<T>> read)
    where T : class
{
    private T? _last;

    public async Task<IReadOnlyList<T>> NextAsync(int max, CancellationToken cancellation)
    {
        var last = Volatile.Read(ref _last);
        var turn = await file.Readers.ReadAtOnceAsync(connection =>
        {
            var after = read(connection, ">", last, max);
            return after.Count == max || last is null ? after : [.. after, .. read(connection, "<=", last, max - after.Count)];
        }, cancellation);
        Volatile.Write(ref _last, turn.Count > 0 ? turn[^1] : null);
        return turn;
    }
}
