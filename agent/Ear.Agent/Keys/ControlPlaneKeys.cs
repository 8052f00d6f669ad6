using System.Net;
using System.Security.Cryptography;
using Ear.Agent.ControlPlane;
using Ear.Agent.Storage;
using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Keys;

/// <summary>
/// Node keys as the control plane holds them. The rule of every answer here: Invalid and NeverRegistered are only said when the
/// control plane said so in its own words; whatever else happens is an outage, and an outage stops nothing.
/// </summary>
internal sealed class ControlPlaneKeys(ControlPlaneClient controlPlane, NodeIdentity identity, AgentStateStore state, KeyLedger ledger, TimeProvider time, IIds ids, ILogger<ControlPlaneKeys> logger) : INodeKeys, IKeyTrouble
{
    private long? troubleAt;

    public IReadOnlyList<string> Registered => ledger.Ids;

    public bool SeenSince(long timestamp) => troubleAt is { } at && at >= timestamp;

    public async Task<KeyRegistration> RegisterAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation)
    {
        var id = ids.NewGuid().ToString();
        try
        {
            if (state.Current.SealingKey is not { } sealingKey)
                return Unavailable("this node is not enrolled yet");
            var answer = await controlPlane.WrapAsync(new WrapRequest(id, identity.Seal(key.Span, sealingKey, id)), cancellation);
            // It may have another sealing key by now; what it calls malformed was kept nowhere, so the id can be used again.
            if (answer.Says(HttpStatusCode.BadRequest) && await OtherSealingKeyAsync(sealingKey, cancellation) is { } other)
                answer = await controlPlane.WrapAsync(new WrapRequest(id, identity.Seal(key.Span, other, id)), cancellation);
            if (answer.Body is { } wrapped)
            {
                // Durable at the control plane already; durable here too before mongod learns the id.
                ledger.Add(wrapped);
                troubleAt = null;
                Log.Registered(logger, id);
                return new KeyRegistration.Stored(id);
            }

            if (!answer.Says(HttpStatusCode.Forbidden))
                return Unavailable(answer.Describe());
            Trouble(id, "the customer key is invalid");
            return new KeyRegistration.Invalid();
        }
        catch (OutageException outage)
        {
            return Unavailable(outage.Message);
        }

        KeyRegistration Unavailable(string why)
        {
            Trouble(id, why);
            return new KeyRegistration.Unavailable(why);
        }
    }

    public async Task<KeyReading> UnwrapAsync(string keyId, CancellationToken cancellation)
    {
        try
        {
            var answer = await controlPlane.UnwrapAsync(new UnwrapRequest(keyId), cancellation);
            if (answer.Body is { } found)
                return Read(keyId, found);
            if (answer.Says(HttpStatusCode.Forbidden))
            {
                Trouble(keyId, "the customer key is invalid");
                return new KeyReading.Invalid();
            }

            if (!answer.Says(HttpStatusCode.NotFound))
                return Unavailable(keyId, answer.Describe());
            if (ledger.Find(keyId) is not { } kept)
                return new KeyReading.NeverRegistered();
            // We hold the wrapped key that the control plane says it never had: its fault, not a key that never was. Restored from a copy, it takes the key back.
            if (await ReturnAsync(kept, cancellation) is { } refused)
                return Unavailable(keyId, $"the control plane does not know a key that it wrapped, and does not take it back: {refused}");
            answer = await controlPlane.UnwrapAsync(new UnwrapRequest(keyId), cancellation);
            return answer.Body is { } returned ? Read(keyId, returned) : Unavailable(keyId, answer.Describe());
        }
        catch (OutageException outage)
        {
            return Unavailable(keyId, outage.Message);
        }
    }

    public async Task<KeyState> StateAsync(string keyId, CancellationToken cancellation)
    {
        if (state.Current.Goal?.Verdict is not { } verdict)
            return KeyState.Unknown;
        if (!ledger.Contains(keyId))
        {
            // A restored or copied node: only the control plane can tell whose key this is. That it cannot be unwrapped now
            // says that it exists, no more: what stops a mongod is the verdict of a scheduled check (spec C11), below.
            switch (await UnwrapAsync(keyId, cancellation))
            {
                case KeyReading.NeverRegistered:
                    return KeyState.NeverRegistered;
                case KeyReading.Unavailable:
                    return KeyState.Unknown;
                case KeyReading.Read read:
                    read.Key.Dispose();
                    break;
            }
        }

        return verdict == GoalVerdict.Invalid ? KeyState.Deactivated : KeyState.Active;
    }

    /// <summary>After a restore of the control plane: gives back every wrapped key that this node kept.</summary>
    /// <returns>False while it could not be told of one of them, or cannot prove it now: to be tried again.</returns>
    public async Task<bool> ReturnAllAsync(CancellationToken cancellation)
    {
        var all = true;
        foreach (var key in ledger.Kept)
        {
            try
            {
                var answer = await controlPlane.ReturnAsync(key, cancellation);
                if (answer.Body is not null)
                    continue;
                Log.NotReturned(logger, key.KeyId, answer.Describe());
                // What it says is no key of this node will be none later, too.
                all &= answer.Says(HttpStatusCode.BadRequest);
            }
            catch (OutageException outage)
            {
                Log.NotReturned(logger, key.KeyId, outage.Message);
                all = false;
            }
        }
        return all;
    }

    /// <returns>The control plane's sealing key of today; null when it is the one that was used.</returns>
    private async Task<string?> OtherSealingKeyAsync(string used, CancellationToken cancellation)
    {
        var answer = await controlPlane.SealingKeyAsync(cancellation);
        if (answer.Body is not { SealingKey: { Length: > 0 } today } || today == used)
            return null;
        state.Update(current => current with { SealingKey = today });
        Log.SealingKeyChanged(logger);
        return today;
    }

    /// <returns>Null once the control plane has it, else what it said.</returns>
    private async Task<string?> ReturnAsync(WrapAnswer kept, CancellationToken cancellation)
    {
        var answer = await controlPlane.ReturnAsync(kept, cancellation);
        if (answer.Body is null)
            return answer.Describe();
        Log.Returned(logger, kept.KeyId);
        return null;
    }

    private KeyReading Read(string keyId, UnwrapAnswer answer)
    {
        byte[] opened;
        try
        {
            opened = identity.Open(answer.Sealed, keyId);
        }
        catch (CryptographicException exception)
        {
            return Unavailable(keyId, exception.Message);
        }

        try
        {
            troubleAt = null;
            return new KeyReading.Read(new SecretBytes(opened));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    private KeyReading.Unavailable Unavailable(string keyId, string why)
    {
        Trouble(keyId, why);
        return new KeyReading.Unavailable(why);
    }

    private void Trouble(string keyId, string why)
    {
        troubleAt = time.GetTimestamp();
        Log.KeyNotRead(logger, keyId, why);
    }
}

/// <summary>Whether a key could not be had lately: tells a start that failed for its key from one that failed for something else.</summary>
internal interface IKeyTrouble
{
    /// <param name="timestamp">Of the <see cref="TimeProvider"/>.</param>
    bool SeenSince(long timestamp);
}
