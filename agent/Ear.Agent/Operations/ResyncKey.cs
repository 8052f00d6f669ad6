using System.Security.Cryptography;
using Ear.Agent.Keys;
using Ear.Agent.Processes;
using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.Operations;

/// <summary>The node key of a re-sync is made before the wipe and given to mongod by id: what was proven readable is what will be used.</summary>
internal sealed class ResyncKey(INodeKeys keys, KeyGate gate, AgentSettings settings)
{
    /// <returns>Its id once it is wrapped, stored and was read back the same; null while that does not work.</returns>
    public async Task<string?> MakeAsync(CancellationToken cancellation)
    {
        using var fresh = SecretBytes.Random(32);
        if (await keys.RegisterAsync(fresh.Memory, cancellation) is not KeyRegistration.Stored stored)
            return null;
        if (await keys.UnwrapAsync(stored.KeyId, cancellation) is not KeyReading.Read read)
            return null;
        using (read.Key)
        {
            return CryptographicOperations.FixedTimeEquals(read.Key.Span, fresh.Span) ? stored.KeyId : null;
        }
    }

    public Task<bool> CanReadAsync(string keyId, CancellationToken cancellation) => gate.CanReadAsync(keyId, cancellation);

    public DbMarker MarkerFor(EncryptionMode encryption, string? keyId) => new(settings.NodeId.Value, encryption, keyId, Started: false);
}
