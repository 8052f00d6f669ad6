using System.Collections.Immutable;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Keys;

/// <summary>The node's own copy of its wrapped keys, beside its data (spec dataplane §3.5). Only grows (I4).</summary>
internal sealed class KeyLedger
{
    private sealed record Document(ImmutableArray<WrapAnswer> Keys);

    private readonly JsonFile<Document> file;
    private readonly Lock gate = new();
    private ImmutableArray<WrapAnswer> keys;

    public KeyLedger(AgentFolder folder)
    {
        file = new JsonFile<Document>(folder.Keys);
        keys = file.Load()?.Keys ?? [];
    }

    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (gate)
                return [.. keys.Select(key => key.KeyId)];
        }
    }

    public IReadOnlyList<WrapAnswer> Kept
    {
        get
        {
            lock (gate)
                return keys;
        }
    }

    public WrapAnswer? Find(string id)
    {
        lock (gate)
            return keys.FirstOrDefault(key => key.KeyId == id);
    }

    public bool Contains(string id)
    {
        lock (gate)
            return keys.Any(key => key.KeyId == id);
    }

    public void Add(WrapAnswer key)
    {
        lock (gate)
        {
            if (keys.Any(known => known.KeyId == key.KeyId))
                return;
            var more = keys.Add(key);
            file.Save(new Document(more));
            keys = more;
        }
    }
}
