using Ear.Agent.Keys;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Processes;

/// <summary>An encrypted mongod is only started when its key can be read: trying otherwise is a crash loop (spec dataplane §6.4).</summary>
internal sealed class KeyGate(INodeKeys keys, IKeyTrouble trouble)
{
    /// <returns>True when a start has a chance.</returns>
    public async Task<bool> AdmitsAsync(DbMarker marker, GoalVerdict verdict, CancellationToken cancellation)
    {
        if (marker.Encryption == EncryptionMode.None)
            return true;
        if (verdict == GoalVerdict.Invalid)
            return false;
        // Without an id mongod will register a key of its own; whether that works only the attempt can tell.
        return marker.KeyId is not { } keyId || await CanReadAsync(keyId, cancellation);
    }

    public async Task<bool> CanReadAsync(string keyId, CancellationToken cancellation)
    {
        if (await keys.UnwrapAsync(keyId, cancellation) is not KeyReading.Read read)
            return false;
        read.Key.Dispose();
        return true;
    }

    public bool TroubleSince(long timestamp) => trouble.SeenSince(timestamp);
}
