namespace Ear.Agent.Keys;

/// <summary>What the bridge may say about this node's master keys. The plaintext belongs to the caller, who disposes it.</summary>
internal interface INodeKeys
{
    /// <summary>Has <paramref name="key"/> (32 bytes) wrapped by the customer key and stored, and only then names it (spec dataplane §3.1).</summary>
    Task<KeyRegistration> RegisterAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation);

    Task<KeyReading> UnwrapAsync(string keyId, CancellationToken cancellation);

    Task<KeyState> StateAsync(string keyId, CancellationToken cancellation);

    /// <summary>Ids this node has registered through this agent, oldest first.</summary>
    IReadOnlyList<string> Registered { get; }
}

/// <summary>mongod shuts down on everything but <see cref="Active"/> and <see cref="Unknown"/>; so those two answers must rest on proof.</summary>
internal enum KeyState
{
    /// <summary>Valid at the last check, or the last check could not reach the KMS.</summary>
    Active,

    /// <summary>An authenticated answer said that the key or its credential is bad.</summary>
    Deactivated,

    /// <summary>The control plane itself says that this node never registered the id.</summary>
    NeverRegistered,

    /// <summary>Nobody has told this agent a verdict yet, or the id cannot be looked up now.</summary>
    Unknown,
}

internal abstract record KeyReading
{
    private KeyReading()
    {
    }

    internal sealed record Read(SecretBytes Key) : KeyReading;

    internal sealed record Invalid : KeyReading;

    internal sealed record NeverRegistered : KeyReading;

    /// <summary>Outage: unreachable, throttled, a fault on the way. Never a reason to stop.</summary>
    internal sealed record Unavailable(string Why) : KeyReading;
}

internal abstract record KeyRegistration
{
    private KeyRegistration()
    {
    }

    internal sealed record Stored(string KeyId) : KeyRegistration;

    internal sealed record Invalid : KeyRegistration;

    internal sealed record Unavailable(string Why) : KeyRegistration;
}
