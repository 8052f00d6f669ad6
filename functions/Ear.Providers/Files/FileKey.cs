using System.Security.Cryptography;
using Ear.Providers.Secrets;
using Ear.Providers.Sqlite;
using Ear.Secrets;

namespace Ear.Providers.Files;

/// <summary>
/// AES-256-GCM under a key that only the owner of a file may read. Sealed form: 1 (the form's number) ‖ nonce 12 ‖ ciphertext ‖ tag 16;
/// the secret's name is bound as AAD.
/// </summary>
internal sealed class FileKey : ISecretKey, IDisposable
{
    private const int Size = SealedForm.KeySize;
    private const byte Form = 1;

    private readonly byte[] _key;
    private readonly string _path;
    private readonly Lock _sync = new();
    private bool _disposed;

    private FileKey(byte[] key, string path) => (_key, _path) = (key, path);

    /// <param name="inUse">Secrets exist: a key is never created then, for it could not open them.</param>
    /// <exception cref="StoreException">The key is missing while secrets exist, readable by others, or no key.</exception>
    public static FileKey Open(string path, bool inUse)
    {
        try
        {
            if (!File.Exists(path) && inUse)
                throw new StoreException($"The key file '{path}' is missing, and secrets are stored under it. "
                    + $"Restore it from its backup, or set {FileKeyOptions.Section}:KeyFile to where it is.");
            if (!File.Exists(path))
                Create(path, FileMode.CreateNew);
            RefuseWiderMode(path);
            var key = File.ReadAllBytes(path);
            // Died between creating and writing the file: nothing is sealed under it yet.
            if (key.Length < Size && !inUse)
            {
                Create(path, FileMode.Create);
                key = File.ReadAllBytes(path);
            }
            return key.Length == Size
                ? new FileKey(key, path)
                : throw new StoreException($"The key file '{path}' holds {key.Length} bytes instead of {Size}. Restore it from its backup.");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreException($"The key file '{path}' cannot be read or created. It must belong to the account that runs Ear, with mode 0600.", e);
        }
    }

    public ValueTask<byte[]> SealAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellation) => ValueTask.FromResult(Seal(name, secret.Span));

    public ValueTask<byte[]> UnsealAsync(string name, ReadOnlyMemory<byte> box, CancellationToken cancellation) => ValueTask.FromResult(Unseal(name, box.Span));

    /// <summary>There is one key for good.</summary>
    public ValueTask<bool?> IsOutdatedAsync(ReadOnlyMemory<byte> box, CancellationToken cancellation) => ValueTask.FromResult<bool?>(false);

    public Task LookAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Nothing wraps it.</summary>
    public Task<RewrappedKeys> RewrapAsync(CancellationToken cancellation) => Task.FromResult(new RewrappedKeys(0, 0));

    public byte[] Seal(string name, ReadOnlySpan<byte> secret)
    {
        Span<byte> key = stackalloc byte[Size];
        CopyTo(key);
        try
        {
            return SealedForm.Seal(key, [Form], SealedForm.Name(name), secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <exception cref="StoreException">Sealed under another key or name, or changed on disk.</exception>
    public byte[] Unseal(string name, ReadOnlySpan<byte> box)
    {
        if (box.Length < 1 + SealedForm.Overhead || box[0] != Form)
            throw new StoreException($"The secret '{name}' is stored in a form that this Ear does not know. It was changed on disk, or written by a newer Ear.");
        Span<byte> key = stackalloc byte[Size];
        CopyTo(key);
        try
        {
            return SealedForm.Open(key, SealedForm.Name(name), box[1..]);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new StoreException($"The key file '{_path}' does not open the secret '{name}': it is another key, or the secret was changed on disk. "
                + "Restore the key file that belongs to this store.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    public void Dispose()
    {
        lock (_sync)
        {
            _disposed = true;
            CryptographicOperations.ZeroMemory(_key);
        }
    }

    /// <summary>Whoever is still at work when the process ends must not seal under zeros.</summary>
    private void CopyTo(Span<byte> key)
    {
        lock (_sync)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _key.CopyTo(key);
        }
    }

    private static void Create(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var key = RandomNumberGenerator.GetBytes(Size);
        using var file = new FileStream(path, options);
        file.Write(key);
        // On disk before anything is sealed under it.
        file.Flush(flushToDisk: true);
        CryptographicOperations.ZeroMemory(key);
    }

    private static void RefuseWiderMode(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var mode = File.GetUnixFileMode(path);
        if ((mode & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
            throw new StoreException($"The key file '{path}' has mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}: others than its owner may have read the key. "
                + $"If nobody did, run: chmod 600 '{path}'");
    }
}
