using Ear.Nodes;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Agents;

/// <summary>
/// Nonces of signed requests, so that one that was overheard works once. Kept in two halves, of which the older is dropped after a
/// signature can no longer be fresh, or when the newer is full: then the oldest requests could be replayed, into an idempotent API,
/// for the rest of their five minutes. Per instance of the app; TLS is what prevents the overhearing.
/// </summary>
public sealed class AgentNonces(IOptions<AgentOptions> options, TimeProvider time)
{
    // A signature may be as far ahead of our clock as behind it.
    private static readonly TimeSpan Lifetime = 2 * AgentSignature.Window;

    private readonly Lock _gate = new();
    private HashSet<(NodeId, string)> _newer = [];
    private HashSet<(NodeId, string)> _older = [];
    private DateTimeOffset _newerSince = time.GetUtcNow();

    public bool IsFirstUse(NodeId node, string nonce)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now - _newerSince > Lifetime || _newer.Count >= options.Value.RememberedNonces / 2)
                (_older, _newer, _newerSince) = (_newer, [], now);
            return !_older.Contains((node, nonce)) && _newer.Add((node, nonce));
        }
    }
}
