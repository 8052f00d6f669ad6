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
    private const string Name = OwnSecrets.RevokedTokens;
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
                var ends = known?.Ends ?? [];
                await secrets.ChangeAsync(
                    Name,
                    stored =>
                    {
                        ends = With(stored);
                        if (ends.ContainsKey(token.Id) || ends.Count >= options.Value.RevocationLimit)
                            return null;
                        ends = ends.Add(token.Id, token.Ends.ToUnixTimeSeconds());
                        return JsonSerializer.SerializeToUtf8Bytes(ends, EarJson.Options);
                    },
                    c);
                return new Known(ends, time.GetTimestamp());
            },
            cancellation);
        return after.Ends.ContainsKey(token.Id);
    }

    public void Dispose() => turn.Dispose();

    private async Task<Known> ReadAsync(CancellationToken cancellation) => new(With(await secrets.FindAsync(Name, cancellation)), time.GetTimestamp());

    /// <summary>What is stored and has not ended. What this instance revoked stays revoked here, also when the document was lost.</summary>
    private ImmutableDictionary<string, long> With(byte[]? stored)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var ends = ((stored is null ? null : JsonSerializer.Deserialize<ImmutableDictionary<string, long>>(stored, EarJson.Options)) ?? []).SetItems(known?.Ends ?? []);
        return ends.RemoveRange(ends.Where(e => e.Value <= now).Select(e => e.Key));
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
