namespace Ear.Alerts;

/// <summary>
/// Empties the outbox: take, announce, mark, in this order, so that each event is announced at least once (I8). If we die in between, the same
/// events are taken again under the same ids. One at a time in a process: whoever comes second finds what is left, not the same again.
/// </summary>
public sealed class OutboxDrain(IOutbox outbox, IAnnouncer announcer) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    /// <param name="batch">Events taken at once.</param>
    /// <param name="maxBatches">After so many the caller gets a turn, so that a full outbox never holds it for ever.</param>
    /// <returns>True when nothing is left for now.</returns>
    public async Task<bool> DrainAsync(int batch, int maxBatches, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            for (var taken = 0; taken < maxBatches; taken++)
            {
                var pending = await outbox.PendingAsync(batch, cancellation);
                if (pending.Count == 0)
                    return true;
                await announcer.AnnounceAsync(pending, cancellation);
                await outbox.MarkAnnouncedAsync(pending, cancellation);
                if (pending.Count < batch)
                    return true;
            }
            return false;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();
}
