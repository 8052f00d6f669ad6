using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Ear.Limits;

/// <summary>A concurrent map that keeps at most <c>most</c> entries: those used last.</summary>
public sealed class BoundedMap<TKey, TValue>(int most, TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private readonly ConcurrentDictionary<TKey, Entry> entries = new();
    private int count;
    private int shrinking;

    public int Count => entries.Count;

    public bool IsFull => Volatile.Read(ref count) >= most;

    public bool TryGet(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        value = entries.TryGetValue(key, out var entry) ? Touch(entry) : null;
        return value is not null;
    }

    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        if (entries.TryGetValue(key, out var known))
            return Touch(known);
        var made = new Entry(make(key)) { Used = time.GetTimestamp() };
        if (entries.GetOrAdd(key, made) is var entry && entry != made)
            return Touch(entry);
        Added();
        return made.Value;
    }

    public void Set(TKey key, TValue value)
    {
        var entry = new Entry(value) { Used = time.GetTimestamp() };
        if (entries.TryAdd(key, entry))
            Added();
        else
            entries[key] = entry;
    }

    /// <summary>Only the very value that was seen: another may have been put in its place.</summary>
    public void Remove(TKey key, TValue value)
    {
        if (entries.TryGetValue(key, out var entry) && entry.Value == value && entries.TryRemove(new(key, entry)))
            Interlocked.Decrement(ref count);
    }

    public void RemoveUnused(TimeSpan since)
    {
        foreach (var entry in entries.Where(e => time.GetElapsedTime(e.Value.Used) > since))
        {
            if (entries.TryRemove(entry))
                Interlocked.Decrement(ref count);
        }
    }

    private TValue Touch(Entry entry)
    {
        entry.Used = time.GetTimestamp();
        return entry.Value;
    }

    private void Added()
    {
        if (Interlocked.Increment(ref count) <= most || Interlocked.Exchange(ref shrinking, 1) == 1)
            return;
        try
        {
            // A tenth more than needed goes, so that not every new entry has to look at all.
            var excess = count - most + (most / 10);
            foreach (var entry in entries.OrderBy(e => e.Value.Used).Take(excess))
            {
                if (entries.TryRemove(entry))
                    Interlocked.Decrement(ref count);
            }
        }
        finally
        {
            Volatile.Write(ref shrinking, 0);
        }
    }

    private sealed class Entry(TValue value)
    {
        private long used;

        public TValue Value => value;

        public long Used
        {
            get => Volatile.Read(ref used);
            set => Volatile.Write(ref used, value);
        }
    }
}
