namespace Ear.Local.Kms.Control;

/// <summary>What was asked and how it ended; never plaintext, ciphertext or a secret.</summary>
/// <param name="Outcome"><c>ok</c>, the error code, or <c>reset</c>.</param>
internal sealed record RequestEntry(DateTimeOffset Time, string RequestId, string Service, string Operation, string? Key, string? Caller, string Outcome);

/// <summary>The last <see cref="Capacity"/> requests.</summary>
internal sealed class RequestLog
{
    public const int Capacity = 2_000;

    private readonly Lock gate = new();
    private readonly Queue<RequestEntry> entries = new();

    public void Add(RequestEntry entry)
    {
        lock (gate)
        {
            if (entries.Count == Capacity)
                entries.Dequeue();
            entries.Enqueue(entry);
        }
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<RequestEntry> All()
    {
        lock (gate)
            return [.. entries];
    }

    public void Clear()
    {
        lock (gate)
            entries.Clear();
    }
}
