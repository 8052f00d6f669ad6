using Azure.Data.Tables;
using Ear.Copies;

namespace Ear.Providers.AzureTables;

/// <summary>What a look at the partition says: the answer, or what to submit for which answer.</summary>
internal sealed record Plan(SaveResult Answer, IReadOnlyList<TableTransactionAction>? Submit = null);

/// <summary>
/// Carries changes of one partition out, each as one transaction: look, submit, and where something was not as it was read, look again. A repeat after a lost
/// answer sees its own work at that second look. Changes that move the head of a partition take turns in this process; among processes the head's version
/// decides, and who loses tries again after a short random wait.
/// </summary>
internal sealed class PartitionWriter(TableStore store, IIds ids, TimeProvider time) : IDisposable
{
    /// <summary>The service's limit.</summary>
    public const int MaxActions = 100;

    /// <summary>With the waits below, about 20 s; then the partition is told to be too busy.</summary>
    private const int MaxTries = 30;

    private const int Stripes = 256;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1, 1))];

    /// <param name="movesHead">Whether the change may append events or reach beyond the partition.</param>
    /// <param name="look">Reads what it depends on and decides; told how often it was called before.</param>
    public async Task<SaveResult> RunAsync(string partition, bool movesHead, Func<int, Task<Plan>> look, CancellationToken cancellation)
    {
        if (!movesHead)
            return await TriesAsync(partition, look, cancellation);
        var turn = _turns[(uint)string.GetHashCode(partition, StringComparison.Ordinal) % Stripes];
        await turn.WaitAsync(cancellation);
        try
        {
            return await TriesAsync(partition, look, cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>
    /// Writes rows of one partition over whatever is there, in one transaction. Only for a store that nobody else writes to: then a repeat of what was carried out
    /// already changes nothing.
    /// </summary>
    public async Task PourAsync(CopyTable table, IReadOnlyList<TableEntity> rows, CancellationToken cancellation)
    {
        TableTransactionAction[] actions = [.. rows.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row))];
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var (done, atLeast) = await store.TrySubmitAsync(actions, table);
            if (done)
                return;
            await Task.Delay(Longer(atLeast, Wait(tries)), time, cancellation);
        }
        throw new StoreException($"The storage account is overloaded and stayed so over {MaxTries} tries. Run the same command again: it goes on where it was.");
    }

    public void Dispose()
    {
        foreach (var turn in _turns)
            turn.Dispose();
    }

    private async Task<SaveResult> TriesAsync(string partition, Func<int, Task<Plan>> look, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var plan = await look(tries);
            if (plan.Submit is null)
                return plan.Answer;
            cancellation.ThrowIfCancellationRequested();
            var (done, atLeast) = await store.TrySubmitAsync(plan.Submit);
            if (done)
                return plan.Answer;
            // Once submitted, whether it was carried out is only known after another look: no giving up in between.
            await Task.Delay(Longer(atLeast, Wait(tries)), time, CancellationToken.None);
        }
        throw new StoreException($"Too many write to '{partition}' at the same time; the save was given up after {MaxTries} tries. Try again.");
    }

    private TimeSpan Wait(int tries)
    {
        var longest = Math.Min(LongestWait.TotalMilliseconds, FirstWait.TotalMilliseconds * Math.Pow(2, Math.Min(tries, 10)));
        return TimeSpan.FromMilliseconds(longest * (0.5 + ids.NextDouble() / 2));
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
