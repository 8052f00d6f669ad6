using Ear.Agent.Keys;

namespace Ear.Agent.Tests.Fakes;

/// <summary>A control plane in memory, with the customer key and the network as switches.</summary>
internal sealed class FakeNodeKeys : INodeKeys
{
    private readonly Dictionary<string, byte[]> stored = new(StringComparer.Ordinal);
    private readonly List<string> order = [];

    public bool VerdictHeard { get; set; } = true;

    public bool CustomerKeyInvalid { get; set; }

    public bool Outage { get; set; }

    public IReadOnlyList<string> Registered => order;

    public byte[] Plaintext(string id) => stored[id];

    public void Add(string id, byte[] key)
    {
        stored.Add(id, key);
        order.Add(id);
    }

    public Task<KeyRegistration> RegisterAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation)
    {
        if (Outage)
            return Task.FromResult<KeyRegistration>(new KeyRegistration.Unavailable("the control plane does not answer"));
        if (CustomerKeyInvalid)
            return Task.FromResult<KeyRegistration>(new KeyRegistration.Invalid());
        var id = $"key-{stored.Count + 1}";
        Add(id, key.ToArray());
        return Task.FromResult<KeyRegistration>(new KeyRegistration.Stored(id));
    }

    public Task<KeyReading> UnwrapAsync(string keyId, CancellationToken cancellation)
    {
        if (Outage)
            return Task.FromResult<KeyReading>(new KeyReading.Unavailable("the control plane does not answer"));
        if (!stored.TryGetValue(keyId, out var key))
            return Task.FromResult<KeyReading>(new KeyReading.NeverRegistered());
        return Task.FromResult<KeyReading>(CustomerKeyInvalid ? new KeyReading.Invalid() : new KeyReading.Read(new SecretBytes(key)));
    }

    public Task<KeyState> StateAsync(string keyId, CancellationToken cancellation) => Task.FromResult(
        !VerdictHeard ? KeyState.Unknown
        : !stored.ContainsKey(keyId) ? (Outage ? KeyState.Unknown : KeyState.NeverRegistered)
        : CustomerKeyInvalid ? KeyState.Deactivated
        : KeyState.Active);
}
