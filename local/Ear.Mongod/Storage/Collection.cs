using MongoDB.Bson;

namespace Ear.Mongod.Storage;

/// <summary>The documents of one collection as BSON bytes, in the order they came, found by _id.</summary>
internal sealed class Collection(string ns, BsonDocument options)
{
    private const int CompactAbove = 1024;
    private readonly Dictionary<BsonValue, int> _slotOf = [];
    private List<byte[]?> _slots = [];

    public string Namespace { get; } = ns;

    public BsonDocument Options { get; } = options;

    /// <summary>Definitions beyond <c>_id_</c>. They are remembered and listed; no query uses them and uniqueness is not enforced.</summary>
    public Dictionary<string, BsonDocument> Indexes { get; } = [];

    public int Count => _slotOf.Count;

    public long DataSize { get; private set; }

    public IEnumerable<byte[]> Documents => _slots.OfType<byte[]>();

    /// <summary>The documents of this moment; later writes do not show.</summary>
    public byte[][] Snapshot() => [.. Documents];

    public byte[]? Find(BsonValue id) => _slotOf.TryGetValue(Key(id), out var slot) ? _slots[slot] : null;

    public void Put(BsonValue id, byte[] document)
    {
        DataSize += document.Length;
        if (_slotOf.TryGetValue(Key(id), out var slot))
        {
            DataSize -= _slots[slot]!.Length;
            _slots[slot] = document;
            return;
        }
        _slotOf[Key(id)] = _slots.Count;
        _slots.Add(document);
    }

    public void Remove(BsonValue id)
    {
        if (!_slotOf.Remove(Key(id), out var slot)) return;
        DataSize -= _slots[slot]!.Length;
        _slots[slot] = null;
        if (_slots.Count > CompactAbove && _slots.Count > 2 * _slotOf.Count) Compact();
    }

    private void Compact()
    {
        var moved = new Dictionary<int, int>();
        var kept = new List<byte[]?>(_slotOf.Count);
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i] is not { } document) continue;
            moved[i] = kept.Count;
            kept.Add(document);
        }
        foreach (var id in _slotOf.Keys.ToArray()) _slotOf[id] = moved[_slotOf[id]];
        _slots = kept;
    }

    /// <summary>1, 1L and 1.0 are one _id to MongoDB.</summary>
    private static BsonValue Key(BsonValue id) => id switch
    {
        BsonInt32 i => new BsonInt64(i.Value),
        BsonDouble d when d.Value == Math.Floor(d.Value) && Math.Abs(d.Value) < 1L << 53 => new BsonInt64((long)d.Value),
        _ => id,
    };
}
