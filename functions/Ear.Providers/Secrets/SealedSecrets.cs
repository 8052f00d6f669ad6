using System.Security.Cryptography;
using Ear.Secrets;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.Secrets;

/// <summary>Secrets as boxes in a store, under a key that is elsewhere: a copy of the store alone opens nothing (I5).</summary>
internal sealed class SealedSecrets(ISecretBoxes boxes, ISecretKey key, ILogger logger) : ISecrets, ISecretSeals, IDisposable
{
    public async Task<byte[]?> FindAsync(string name, CancellationToken cancellation)
    {
        var box = await boxes.FindAsync(SecretNames.Valid(name), cancellation);
        if (box is null)
            return null;
        var secret = await key.UnsealAsync(name, box.Ciphertext, cancellation);
        await SealAnewAsync(name, box, secret, cancellation);
        return secret;
    }

    public async Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellation)
    {
        if (await FindAsync(name, cancellation) is { } existing)
            return existing;
        var created = create();
        try
        {
            // Two may come this far: the first one's box stands, and both get what it holds.
            var stored = await boxes.GetOrAddAsync(name, await key.SealAsync(name, created, cancellation), cancellation);
            return await key.UnsealAsync(name, stored, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(created);
        }
    }

    public async Task PutAsync(string name, byte[] value, CancellationToken cancellation)
        => await boxes.PutAsync(name, await key.SealAsync(SecretNames.Valid(name), value, cancellation), cancellation);

    public async Task ChangeAsync(string name, Func<byte[]?, byte[]?> change, CancellationToken cancellation)
    {
        const int MaxTries = 20;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var box = await boxes.FindAsync(SecretNames.Valid(name), cancellation);
            var there = box is null ? null : await key.UnsealAsync(name, box.Ciphertext, cancellation);
            var next = change(there);
            CryptographicOperations.ZeroMemory(there);
            if (next is null)
                return;
            var made = await key.SealAsync(name, next, cancellation);
            // A write whose answer was lost counts as somebody else's: the next round finds what it wished.
            if (box is null ? (await boxes.GetOrAddAsync(name, made, cancellation)).AsSpan().SequenceEqual(made) : await boxes.ReplaceAsync(name, box, made, cancellation))
                return;
        }
        throw new StoreException($"Others changed the secret '{name}' at the same moment, {MaxTries} times. Try again.");
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) => boxes.DeleteAsync(SecretNames.Valid(name), cancellation);

    public Task<RewrappedKeys> RewrapAsync(CancellationToken cancellation) => key.RewrapAsync(cancellation);

    public async Task<SealedPage> ResealAsync(string? after, int max, CancellationToken cancellation)
    {
        if (after is null)
            await key.LookAsync(cancellation);
        var page = await boxes.ListAsync(after, max, cancellation);
        var (resealed, left) = (0, 0);
        foreach (var (name, place, box) in page.Where(b => b.Name?.StartsWith(ISecretBoxes.DataKeys, StringComparison.Ordinal) is not true))
        {
            var outdated = await key.IsOutdatedAsync(box.Ciphertext, cancellation);
            if (outdated is false)
                continue;
            if (outdated is null)
                left++;
            else if (name is not null && await TryResealAsync(name, box, cancellation))
                resealed++;
            else
            {
                left++;
                logger.LeftUnderOlderKey(name ?? place);
            }
        }
        return new(resealed, left, page.Count == max ? page[^1].Place : null);
    }

    public void Dispose() => (key as IDisposable)?.Dispose();

    private async Task<bool> TryResealAsync(string name, SecretBox box, CancellationToken cancellation)
    {
        byte[] secret;
        try
        {
            secret = await key.UnsealAsync(name, box.Ciphertext, cancellation);
        }
        catch (StoreException e) when (e.InnerException is CryptographicException)
        {
            // Changed in the store: one bad box must not keep all others under a key that is to open nothing.
            logger.NotSealedAnew(e, name);
            return false;
        }
        try
        {
            // Replaced or deleted by somebody meanwhile: theirs stands, and is under the newest key.
            if (await boxes.ReplaceAsync(name, box, await key.SealAsync(name, secret, cancellation), cancellation))
                logger.SealedAnew(name);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    // Whatever goes wrong, also a cancellation: a later read tries again, and the reader has what it came for. Replaced or deleted by somebody meanwhile: theirs stands.
    private async Task SealAnewAsync(string name, SecretBox box, byte[] secret, CancellationToken cancellation)
    {
        try
        {
            if (await key.IsOutdatedAsync(box.Ciphertext, cancellation) is true && await boxes.ReplaceAsync(name, box, await key.SealAsync(name, secret, cancellation), cancellation))
                logger.SealedAnew(name);
        }
        catch (Exception e)
        {
            logger.NotSealedAnew(e, name);
        }
    }
}
