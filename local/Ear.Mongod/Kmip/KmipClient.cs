using System.Security.Cryptography;
using Ear.Mongod.Logging;
using Ear.Mongod.Options;

namespace Ear.Mongod.Kmip;

/// <summary>The visits a mongod pays to its KMIP servers (spec/dataplane.md §3.1); each opens one session with the first server that answers.</summary>
internal sealed class KmipClient(KmipOptions options, TimeProvider time, ServerLog log)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    /// <summary>A key the server has never seen: made here, registered and activated there.</summary>
    public async Task<(string Id, byte[] Key)> CreateKeyAsync(CancellationToken ct)
    {
        await using var session = await ConnectAsync(options.ConnectRetries, ct);
        var key = RandomNumberGenerator.GetBytes(32);
        var id = await session.RegisterAsync(key, ct);
        if (options.ActivateKeys) await session.ActivateAsync(id, ct);
        return (id, key);
    }

    /// <returns>The state as far as it was asked for, and the key bytes when the state allows them; both null: no such key.</returns>
    public async Task<(KeyState? State, byte[]? Key)> ReadKeyAsync(string id, CancellationToken ct)
    {
        await using var session = await ConnectAsync(options.ConnectRetries, ct);
        if (!options.ActivateKeys) return (null, await session.GetAsync(id, ct));
        var state = await session.GetStateAsync(id, ct);
        return state == KeyState.Active ? (state, await session.GetAsync(id, ct)) : (state, null);
    }

    public async Task<KeyState?> ReadStateAsync(string id, CancellationToken ct)
    {
        await using var session = await ConnectAsync(retries: 0, ct);
        return await session.GetStateAsync(id, ct);
    }

    private async Task<KmipSession> ConnectAsync(int retries, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            foreach (var server in options.ServerNames)
            {
                try
                {
                    return await KmipSession.ConnectAsync(server, options, time, ct);
                }
                catch (KmipException e)
                {
                    log.Warning("STORAGE", 29047, "Can't connect to the KMIP server", ("serverName", server), ("port", options.Port), ("reason", e.Message));
                }
            }
            if (attempt >= retries) throw new KmipException("Can't connect to any of KMIP servers specified in the configuration", isConnect: true);
            await Task.Delay(RetryPause * (1 + (RandomNumberGenerator.GetInt32(100) / 100.0)), time, ct);
        }
    }
}
