using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Ear.Providers.Secrets;
using Ear.Secrets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureSecrets;

/// <summary>
/// Data keys, wrapped by Ear's own key in Key Vault and kept beside the boxes; each is unwrapped once per process. Box: 2 (the form's
/// number) ‖ the data key's id 12 ‖ the sealed part; bound to the secret's name and the id.
/// </summary>
internal sealed class VaultDataKeys(ISecretBoxes boxes, VaultWrapping wrapping, IIds ids, TimeProvider time, IOptions<KeyVaultSecretsOptions> options, ILogger<VaultDataKeys> logger)
    : ISecretKey, IDisposable
{
    private const byte Form = 2;
    private const int IdSize = 12;
    private const int HeadSize = 1 + IdSize;

    // Neither is a name that SecretNames lets through.
    private const string Current = $"{Prefix}current";
    private const string Prefix = ISecretBoxes.DataKeys;

    /// <summary>How long a process goes on with the data key that it knows as the newest; another one's rotation is noticed then.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromHours(1);

    /// <summary>A box under another key may as well be under a newer one, of which this process has not heard: it must not go back.</summary>
    private static readonly TimeSpan LookBeforeMoving = TimeSpan.FromMinutes(1);

    /// <summary>All who can do without it wait so long for one look together. A vault that is cut off takes forty seconds to say nothing, and a check of a customer's key has ten.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>After a look that failed; each that follows rests twice as long.</summary>
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Lazy<Task<byte[]>>> _opened = new(StringComparer.Ordinal);
    private readonly Lock _sync = new();
    private volatile Known? _current;
    private volatile Rest? _rest;
    private Look? _look;
    private volatile bool _disposed;

    public async ValueTask<byte[]> SealAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellation)
    {
        var known = await SureAsync(LookAgain, cancellation) ?? (_current is { } last && !IsSuspected(last.Created) ? last : await LookOnce().Task.WaitAsync(cancellation));
        if (IsSuspected(known.Created))
            throw new StoreException($"Data key {known.Id} was made before {KeyVaultSecretsOptions.Section}:DataKeysFrom, so nothing is sealed under it, and no other could be made.");
        var key = await OpenedAsync(known.Id, cancellation);
        try
        {
            byte[] head = [Form, .. Convert.FromHexString(known.Id)];
            return SealedForm.Seal(key, head, Bound(head, name), secret.Span);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    public async ValueTask<byte[]> UnsealAsync(string name, ReadOnlyMemory<byte> box, CancellationToken cancellation)
    {
        if (box.Length < HeadSize + SealedForm.Overhead || box.Span[0] != Form)
            throw new StoreException($"The secret '{name}' is stored in a form that this Ear does not know. It was changed, or written by a newer Ear.", new CryptographicException("The form is unknown."));
        var key = await OpenedAsync(IdOf(box), cancellation);
        try
        {
            return SealedForm.Open(key, Bound(box.Span[..HeadSize], name), box.Span[HeadSize..]);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new StoreException($"The secret '{name}' does not open under its data key {IdOf(box)}: it was changed in the store. Restore the store from its backup.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    public async ValueTask<bool?> IsOutdatedAsync(ReadOnlyMemory<byte> box, CancellationToken cancellation)
    {
        if (box.Length < HeadSize || box.Span[0] != Form)
            return true;
        if (await SureAsync(LookAgain, cancellation) is { } known && known.Id == IdOf(box))
            return false;
        return await SureAsync(LookBeforeMoving, cancellation) is { } sure ? sure.Id != IdOf(box) : null;
    }

    public Task LookAsync(CancellationToken cancellation) => LookOnce().Task.WaitAsync(cancellation);

    /// <summary>
    /// The newest version is what a wrap says; there is one data key for each quarter of a year, so asking for each costs nothing. What was wrapped before stays valid: a copy of the
    /// state with the older row opens as well, as long as no version of the vault's key is disabled.
    /// </summary>
    public async Task<RewrappedKeys> RewrapAsync(CancellationToken cancellation)
    {
        const int PerPage = 100;
        var (rewrapped, left, after) = (0, 0, (string?)null);
        do
        {
            var page = await boxes.ListAsync(after, PerPage, cancellation);
            foreach (var (name, _, box) in page)
            {
                if (name?.StartsWith(Prefix, StringComparison.Ordinal) is not true)
                    continue;
                // The word that it is the newest one is a second row of the same key.
                var counted = name == Current ? 0 : 1;
                switch (await TryRewrapAsync(name, box, cancellation))
                {
                    case true:
                        rewrapped += counted;
                        break;
                    case false:
                        left += counted;
                        break;
                }
            }
            after = page.Count == PerPage ? page[^1].Place : null;
        }
        while (after is not null);
        return new(rewrapped, left);
    }

    public void Dispose()
    {
        lock (_sync)
        {
            _disposed = true;
            foreach (var opened in _opened.Values.Where(o => o.IsValueCreated && o.Value.IsCompletedSuccessfully))
                CryptographicOperations.ZeroMemory(opened.Value.Result);
            _opened.Clear();
        }
    }

    /// <returns>Null: it was under the newest version already. False: it stays as it is, which is in the log; the others must not wait for it.</returns>
    /// <exception cref="StoreException">Ear's own vault is away: so it would be for the others.</exception>
    private async Task<bool?> TryRewrapAsync(string name, SecretBox box, CancellationToken cancellation)
    {
        try
        {
            var old = Read(name, box.Ciphertext);
            var anew = await WrappedAnewAsync(old, cancellation);
            if (anew.KeyIdentifier == old.KeyIdentifier || !await boxes.ReplaceAsync(name, box, Row(anew), cancellation))
                return null;
            logger.DataKeyRewrapped(anew.Id, anew.KeyIdentifier);
            return true;
        }
        catch (StoreException e) when (e.InnerException is not VaultAwayException { IsOwn: true })
        {
            logger.DataKeyNotRewrapped(e, name);
            return false;
        }
    }

    private async Task<WrappedDataKey> WrappedAnewAsync(WrappedDataKey old, CancellationToken cancellation)
    {
        var key = await wrapping.UnwrapAsync(old, cancellation);
        try
        {
            return await wrapping.WrapAsync(old.Id, key, old.Created, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <param name="within">How long ago it may have been looked at.</param>
    /// <returns>The newest data key; null when that cannot be told now, or not soon.</returns>
    private async ValueTask<Known?> SureAsync(TimeSpan within, CancellationToken cancellation)
    {
        if (_current is { } known && time.GetElapsedTime(known.Looked) < within && !IsSuspected(known.Created) && !(_rest is { } rest && IsOver(rest)))
            return known;
        if (_rest is { } resting && !IsOver(resting))
            return null;
        var look = LookOnce();
        var left = Patience - time.GetElapsedTime(look.Since);
        if (!look.Task.IsCompleted && left <= TimeSpan.Zero)
            return null;
        try
        {
            return await look.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellation);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // It is in the log, or still under way.
            return null;
        }
    }

    /// <summary>One look for all who wait, which outlives whoever gives up: its bounds are those of the store and the vault.</summary>
    private Look LookOnce()
    {
        lock (_sync)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _look is { Task.IsCompleted: false } running ? running : _look = new(LookNowAsync(), time.GetTimestamp());
        }
    }

    private async Task<Known> LookNowAsync()
    {
        // Not under the lock of whoever came first.
        await Task.Yield();
        try
        {
            var at = await boxes.FindAsync(Current, CancellationToken.None);
            var newest = at is null ? null : ReadOrNull(at.Ciphertext);
            if (newest is not null && !IsDue(newest))
                return Looked(newest);
            try
            {
                return Looked(await MakeAsync(at));
            }
            // A vault that is away must not keep anybody from sealing under the key that there is, unless that one may be known to somebody.
            catch (Exception e) when (newest is not null && !IsSuspected(newest.Created))
            {
                var (rest, isFirst) = Rested();
                if (isFirst)
                    logger.DataKeyNotMade(e, newest.Created, rest.Length);
                _rest = rest;
                return _current = new(newest.Id, newest.Created, time.GetTimestamp());
            }
        }
        catch (Exception e)
        {
            var (rest, isFirst) = Rested();
            if (isFirst)
                logger.NewestKeyNotTold(e, rest.Length);
            _rest = rest;
            throw;
        }
    }

    private Known Looked(WrappedDataKey newest)
    {
        _rest = null;
        return _current = new(newest.Id, newest.Created, time.GetTimestamp());
    }

    /// <returns>Told to the log at first, and then once for each hour: an outage in which nothing changes is no news.</returns>
    private (Rest Next, bool IsFirst) Rested()
    {
        var length = _rest is { } before ? before.Length * 2 : FirstRest;
        return (new(length < LookAgain ? length : LookAgain, time.GetTimestamp()), _rest is null || length >= LookAgain);
    }

    private bool IsOver(Rest rest) => time.GetElapsedTime(rest.Since) >= rest.Length;

    /// <summary>Too old, possibly known to somebody, or under the key of another vault than the one that is configured by now.</summary>
    private bool IsDue(WrappedDataKey newest)
        => time.GetUtcNow() - newest.Created >= options.Value.RotateDataKeyEvery || IsSuspected(newest.Created) || !wrapping.IsByOwnKey(newest);

    private bool IsSuspected(DateTimeOffset created) => options.Value.DataKeysFrom is { } from && from <= time.GetUtcNow() && created < from;

    /// <summary>Its own row first, then the word that it is the newest one: a key that seals can always be found. Of several makers one wins, and all go on with its key.</summary>
    private async Task<WrappedDataKey> MakeAsync(SecretBox? at)
    {
        WrappedDataKey mine;
        var key = ids.Secret(SealedForm.KeySize);
        try
        {
            mine = await wrapping.WrapAsync(ids.NewHex(), key, time.GetUtcNow(), CancellationToken.None);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
        var row = Row(mine);
        await boxes.GetOrAddAsync(Prefix + mine.Id, row, CancellationToken.None);
        var there = at is null ? await boxes.GetOrAddAsync(Current, row, CancellationToken.None)
            : await boxes.ReplaceAsync(Current, at, row, CancellationToken.None) ? row
            : (await boxes.FindAsync(Current, CancellationToken.None))?.Ciphertext ?? throw new StoreException("The newest data key's row is there and is not there, in turn. Try again.");
        var newest = Read(Current, there);
        if (newest.Id == mine.Id)
            logger.DataKeyMade(mine.Id, mine.KeyIdentifier);
        return newest;
    }

    /// <summary>One unwrapping for all who wait; one that failed is not remembered.</summary>
    /// <returns>A copy, which the caller zeroes: ours is zeroed when the process ends, whoever is at work then.</returns>
    private async Task<byte[]> OpenedAsync(string id, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        // The unwrapping outlives a caller that gives up: others wait for it. Its bound is the pipeline's.
        var opened = _opened.GetOrAdd(id, i => new(() => OpenAsync(i)));
        try
        {
            var key = await opened.Value.WaitAsync(cancellation);
            lock (_sync)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return [.. key];
            }
        }
        catch (Exception) when (opened.Value.IsFaulted || opened.Value.IsCanceled)
        {
            _opened.TryRemove(new KeyValuePair<string, Lazy<Task<byte[]>>>(id, opened));
            throw;
        }
    }

    private async Task<byte[]> OpenAsync(string id)
    {
        var row = await boxes.FindAsync(Prefix + id, CancellationToken.None)
            ?? throw new StoreException($"Data key {id} is missing in the store, and a secret is sealed under it. Restore the store from its backup.", new CryptographicException("The key is not there."));
        var key = await wrapping.UnwrapAsync(Read(Prefix + id, row.Ciphertext), CancellationToken.None);
        lock (_sync)
        {
            if (!_disposed)
                return key;
        }
        CryptographicOperations.ZeroMemory(key);
        throw new ObjectDisposedException(nameof(VaultDataKeys));
    }

    private static byte[] Row(WrappedDataKey key) => JsonSerializer.SerializeToUtf8Bytes(key, DataKeyJson.Default.WrappedDataKey);

    private static WrappedDataKey Read(string name, byte[] row) => ReadOrNull(row)
        ?? throw new StoreException($"The row '{name}' in the store holds no data key: it was changed. Restore the store from its backup.", new CryptographicException("The row is damaged."));

    private static WrappedDataKey? ReadOrNull(byte[] row)
    {
        try
        {
            return JsonSerializer.Deserialize(row, DataKeyJson.Default.WrappedDataKey) is { Id.Length: IdSize * 2, KeyIdentifier: not null, Wrapped: not null } key && key.Id.All(char.IsAsciiHexDigit)
                ? key
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string IdOf(ReadOnlyMemory<byte> box) => Convert.ToHexStringLower(box.Span[1..HeadSize]);

    private static byte[] Bound(ReadOnlySpan<byte> head, string name) => [.. head, .. SealedForm.Name(name)];

    /// <param name="Looked">A timestamp: it was the newest then.</param>
    private sealed record Known(string Id, DateTimeOffset Created, long Looked);

    private sealed record Look(Task<Known> Task, long Since);

    /// <summary>Nobody looks meanwhile who can do without.</summary>
    private sealed record Rest(TimeSpan Length, long Since);
}
