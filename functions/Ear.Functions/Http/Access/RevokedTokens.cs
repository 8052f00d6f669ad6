using System.Collections.Immutable;
using System.Text.Json;
using Ear.Secrets;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Http.Access;

/// <summary>
/// Tokens that were revoked before their end. Kept as one small document, so that a restart forgets none; other instances see a
/// revocation within <see cref="RefreshAfter"/>. Entries leave it when their token ends, and there is a limit on them (I12).
/// </summary>
public sealed class RevokedTokens(ISecrets secrets, TimeProvider time, IOptions<DoorOptions> options) : IDisposable
{
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(5);

    /// <summary>At the limit, tokens of an hour's length end all the time.</summary>
    public static readonly TimeSpan WorthWaiting = TimeSpan.FromMinutes(1);
    private const string Name = "http/revoked-tokens";
    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile Known? known;

    public async ValueTask<bool> ContainsAsync(AccessToken token, CancellationToken cancellation)
    {
        var seen = known;
        if (seen is null || time.GetElapsedTime(seen.ReadAt) > RefreshAfter)
            seen = await InTurnAsync(ReadAsync, cancellation);
        return seen.Ends.ContainsKey(token.Id);
    }

    /// <returns>False: too many are revoked already; nothing was changed.</returns>
    public async Task<bool> TryAddAsync(AccessToken token, CancellationToken cancellation)
    {
        var after = await InTurnAsync(
            async c =>
            {
                var before = await ReadAsync(c);
                if (before.Ends.ContainsKey(token.Id) || before.Ends.Count >= options.Value.RevocationLimit)
                    return before;
                var ends = before.Ends.Add(token.Id, token.Ends.ToUnixTimeSeconds());
                await secrets.PutAsync(Name, JsonSerializer.SerializeToUtf8Bytes(ends, EarJson.Options), c);
                return new Known(ends, time.GetTimestamp());
            },
            cancellation);
        return after.Ends.ContainsKey(token.Id);
    }

    public void Dispose() => turn.Dispose();

    /// <summary>What this instance revoked stays revoked here even when another instance, at the same moment, wrote without it.</summary>
    private async Task<Known> ReadAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var stored = await secrets.FindAsync(Name, cancellation) is { } json
            ? JsonSerializer.Deserialize<ImmutableDictionary<string, long>>(json, EarJson.Options) ?? []
            : [];
        var ends = stored.SetItems(known?.Ends ?? []);
        return new Known(ends.RemoveRange(ends.Where(e => e.Value <= now).Select(e => e.Key)), time.GetTimestamp());
    }

    private async Task<Known> InTurnAsync(Func<CancellationToken, Task<Known>> act, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            return known = await act(cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    private sealed record Known(ImmutableDictionary<string, long> Ends, long ReadAt);
}
