using System.Security.Cryptography;
using Ear.Outcomes;

namespace Ear.Functions.Http.Requests;

/// <summary>
/// What a request is meant to make. With an Idempotency-Key its ids follow from who asks, what for, the key and the body, so that a repeat intends the very
/// same things, and who makes them finds them there. No answer is kept: it is made again from what is there.
/// </summary>
public sealed class Intent
{
    private readonly IIds unkeyed;
    private readonly string? key;
    private readonly byte[] seed = [];
    private readonly IntendedBodies? bodies;
    private byte[] body = [];
    private IIds? keyed;
    private IntendedBodies.Seen? remembered;

    /// <summary>Each request is another one.</summary>
    public Intent(IIds ids) => unkeyed = ids;

    internal Intent(IIds ids, string key, byte[] seed, IntendedBodies bodies)
        : this(ids)
    {
        this.key = key;
        this.seed = seed;
        this.bodies = bodies;
    }

    /// <summary>Asked for only after the body was read.</summary>
    public IIds Ids => key is null ? unkeyed : keyed ??= new KeyedIds(HMACSHA256.HashData(seed, body));

    /// <summary>Null: a first request, or one with the body of the first.</summary>
    internal Problem? Refused(byte[] sent)
    {
        if (key is null || bodies is null)
            return null;
        body = SHA256.HashData(sent);
        var first = bodies.First(Convert.ToHexStringLower(seed), body, out var isNew);
        if (isNew)
            remembered = first;
        return first.Body.AsSpan().SequenceEqual(body) ? null : new Problem.IdempotencyKeyReused(key);
    }

    /// <summary>It was refused and made nothing: its key is free again for a corrected body.</summary>
    internal void Withdraw()
    {
        if (remembered is { } mine)
            bodies?.Forget(mine);
    }
}
