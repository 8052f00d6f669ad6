using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Ear.Providers.Secrets;
using Ear.Providers.Sqlite;
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

    private readonly ConcurrentDictionary<string, Task<byte[]>> _opened = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private volatile Known? _current;

    public async ValueTask<byte[]> SealAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellation)
    {
        var id = await CurrentAsync(LookAgain, cancellation);
        var key = await OpenedAsync(id, cancellation);
        byte[] head = [Form, .. Convert.FromHexString(id)];
        return SealedForm.Seal(key, head, Bound(head, name), secret.Span);
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
    }

    public async ValueTask<bool> IsOutdatedAsync(ReadOnlyMemory<byte> box, CancellationToken cancellation)
        => box.Length < HeadSize || box.Span[0] != Form
            || (IdOf(box) != await CurrentAsync(LookAgain, cancellation) && IdOf(box) != await CurrentAsync(LookBeforeMoving, cancellation));

    /// <summary>
    /// The newest version is what a wrap says; there is one data key for each quarter of a year, so asking for each costs nothing. What was wrapped before stays valid: a copy of the
    /// state with the older row opens as well, as long as no version of the vault's key is disabled.
    /// </summary>
    public async Task<int> RewrapAsync(CancellationToken cancellation)
    {
        const int PerPage = 100;
        var (rewrapped, after) = (0, (string?)null);
        do
        {
            var page = await boxes.ListAsync(after, PerPage, cancellation);
            foreach (var (name, _, box) in page)
            {
                if (name?.StartsWith(Prefix, StringComparison.Ordinal) is true && await RewrapAsync(name, box, cancellation))
                    rewrapped++;
            }
            after = page.Count == PerPage ? page[^1].Place : null;
        }
        while (after is not null);
        return rewrapped;
    }

    public void Dispose()
    {
        _turn.Dispose();
        foreach (var opened in _opened.Values.Where(o => o.IsCompletedSuccessfully))
            CryptographicOperations.ZeroMemory(opened.Result);
    }

    private async Task<bool> RewrapAsync(string name, SecretBox box, CancellationToken cancellation)
    {
        var old = Read(box.Ciphertext);
        var key = await wrapping.UnwrapAsync(old, cancellation);
        WrappedDataKey anew;
        try
        {
            anew = await wrapping.WrapAsync(old.Id, key, old.Created, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
        if (anew.KeyIdentifier == old.KeyIdentifier || !await boxes.ReplaceAsync(name, box, JsonSerializer.SerializeToUtf8Bytes(anew, DataKeyJson.Default.WrappedDataKey), cancellation))
            return false;
        logger.DataKeyRewrapped(anew.Id, anew.KeyIdentifier);
        return name != Current;
    }

    /// <param name="within">How long ago it may have been looked at.</param>
    private async ValueTask<string> CurrentAsync(TimeSpan within, CancellationToken cancellation)
    {
        if (Fresh(within) is { } known)
            return known;
        await _turn.WaitAsync(cancellation);
        try
        {
            return Fresh(within) ?? await LookAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    private string? Fresh(TimeSpan within) => _current is { } known && time.GetUtcNow() - known.Looked < within ? known.Id : null;

    private async Task<string> LookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var at = await boxes.FindAsync(Current, cancellation);
        var newest = at is null ? null : Read(at.Ciphertext);
        if (newest is null || now - newest.Created >= options.Value.RotateDataKeyEvery || (options.Value.DataKeysFrom is { } from && from <= now && newest.Created < from))
            newest = await MakeAsync(at, newest, now, cancellation);
        _current = new(newest.Id, now);
        return newest.Id;
    }

    /// <summary>Its own row first, then the word that it is the newest one: a key that seals can always be found. Of several makers one wins, and all go on with its key.</summary>
    private async Task<WrappedDataKey> MakeAsync(SecretBox? at, WrappedDataKey? newest, DateTimeOffset now, CancellationToken cancellation)
    {
        WrappedDataKey made;
        try
        {
            var key = ids.Secret(SealedForm.KeySize);
            made = await wrapping.WrapAsync(ids.NewHex(), key, now, cancellation);
            CryptographicOperations.ZeroMemory(key);
        }
        // A vault that is away must not keep anybody from sealing under the key that there is.
        catch (StoreException e) when (newest is not null)
        {
            logger.DataKeyNotMade(e, newest.Created);
            return newest;
        }
        var row = JsonSerializer.SerializeToUtf8Bytes(made, DataKeyJson.Default.WrappedDataKey);
        await boxes.GetOrAddAsync(Prefix + made.Id, row, cancellation);
        if (at is null)
            made = Read(await boxes.GetOrAddAsync(Current, row, cancellation));
        else if (!await boxes.ReplaceAsync(Current, at, row, cancellation))
            made = Read((await boxes.FindAsync(Current, cancellation))!.Ciphertext);
        logger.DataKeyMade(made.Id, made.KeyIdentifier);
        return made;
    }

    /// <summary>One unwrapping for all who wait; one that failed is not remembered.</summary>
    private async Task<byte[]> OpenedAsync(string id, CancellationToken cancellation)
    {
        // The unwrapping outlives a caller that gives up: others wait for it. Its bound is the pipeline's.
        var opened = _opened.GetOrAdd(id, OpenAsync);
        try
        {
            return await opened.WaitAsync(cancellation);
        }
        catch (Exception) when (opened.IsFaulted || opened.IsCanceled)
        {
            _opened.TryRemove(new KeyValuePair<string, Task<byte[]>>(id, opened));
            throw;
        }
    }

    private async Task<byte[]> OpenAsync(string id)
    {
        var row = await boxes.FindAsync(Prefix + id, CancellationToken.None)
            ?? throw new StoreException($"Data key {id} is missing in the store, and a secret is sealed under it. Restore the store from its backup.", new CryptographicException("The key is not there."));
        return await wrapping.UnwrapAsync(Read(row.Ciphertext), CancellationToken.None);
    }

    private static WrappedDataKey Read(byte[] row) => JsonSerializer.Deserialize(row, DataKeyJson.Default.WrappedDataKey)
        ?? throw new StoreException("A data key's row in the store is empty. Restore the store from its backup.");

    private static string IdOf(ReadOnlyMemory<byte> box) => Convert.ToHexStringLower(box.Span[1..HeadSize]);

    private static byte[] Bound(ReadOnlySpan<byte> head, string name) => [.. head, .. SealedForm.Name(name)];

    private sealed record Known(string Id, DateTimeOffset Looked);
}
