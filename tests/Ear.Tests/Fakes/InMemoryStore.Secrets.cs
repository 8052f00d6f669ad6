using Ear.Secrets;

namespace Ear.Tests.Fakes;

internal sealed partial class InMemoryStore
{
    /// <summary>Ascending.</summary>
    public IReadOnlyList<string> KeptSecrets => [.. _state.Secrets.Keys.Order(StringComparer.Ordinal)];

    public Task<byte[]?> FindAsync(string name, CancellationToken cancellation)
        => Task.FromResult(_state.Secrets.TryGetValue(SecretNames.Valid(name), out var value) ? value.ToArray() : null);

    public Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellation)
    {
        SecretNames.Valid(name);
        lock (_gate)
        {
            if (!_state.Secrets.ContainsKey(name))
                _state = _state with { Secrets = _state.Secrets.Add(name, [.. create()]) };
            return Task.FromResult(_state.Secrets[name].ToArray());
        }
    }

    public Task PutAsync(string name, byte[] value, CancellationToken cancellation)
    {
        lock (_gate)
            _state = _state with { Secrets = _state.Secrets.SetItem(SecretNames.Valid(name), [.. value]) };
        return Task.CompletedTask;
    }

    public Task ChangeAsync(string name, Func<byte[]?, byte[]?> change, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (change(_state.Secrets.GetValueOrDefault(SecretNames.Valid(name))?.ToArray()) is { } next)
                _state = _state with { Secrets = _state.Secrets.SetItem(name, [.. next]) };
        }
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        lock (_gate)
            _state = _state with { Secrets = _state.Secrets.Remove(SecretNames.Valid(name)) };
        return Task.CompletedTask;
    }
}
