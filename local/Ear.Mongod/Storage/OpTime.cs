using System.Runtime.InteropServices;
using MongoDB.Bson;

namespace Ear.Mongod.Storage;

/// <summary>The place of a write in the set's history: the term of the primary that made it, then its timestamp (seconds and counter).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OpTime(long Term, long Ts) : IComparable<OpTime>
{
    public static OpTime None { get; } = new(0, 0);

    public DateTimeOffset Date => DateTimeOffset.FromUnixTimeSeconds(Ts >> 32);

    public int CompareTo(OpTime other) => Term != other.Term ? Term.CompareTo(other.Term) : Ts.CompareTo(other.Ts);

    public static bool operator <(OpTime a, OpTime b) => a.CompareTo(b) < 0;

    public static bool operator >(OpTime a, OpTime b) => a.CompareTo(b) > 0;

    public static bool operator <=(OpTime a, OpTime b) => a.CompareTo(b) <= 0;

    public static bool operator >=(OpTime a, OpTime b) => a.CompareTo(b) >= 0;

    public static OpTime Max(OpTime a, OpTime b) => a >= b ? a : b;

    public BsonDocument ToBson() => new() { ["ts"] = new BsonTimestamp(Ts), ["t"] = Term };

    public static OpTime From(BsonValue value) => value is BsonDocument d ? new(d["t"].ToInt64(), d["ts"].AsBsonTimestamp.Value) : None;
}
