using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>Where copies are read: a folder, or a container of a storage account.</summary>
public abstract class CopySource
{
    private CopySource()
    {
    }

    /// <summary>Of the container with copies, or of a folder that holds the same.</summary>
    public static CopySource Folder(string path) => new InFolder(path);

    public static CopySource Container(Uri container, TokenCredential credential) => new InContainer(new BlobContainerClient(container, credential));

    /// <param name="container">Null: the one that Ear uses unless told otherwise.</param>
    public static CopySource Connection(string connection, string? container)
        => new InContainer(new BlobContainerClient(connection, container ?? CopyOptions.DefaultContainer));

    /// <summary>Of folders that could be copies; ascending, so by age.</summary>
    internal abstract Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation);

    /// <summary>Names of the manifests of a copy, within the source.</summary>
    internal abstract Task<IReadOnlyList<string>> ManifestsAsync(string copy, CancellationToken cancellation);

    /// <exception cref="StoreException">It is not there, or cannot be read.</exception>
    internal abstract Task<Stream> OpenAsync(string blob, CancellationToken cancellation);

    private sealed class InFolder(string path) : CopySource
    {
        internal override Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation)
            => Directory.Exists(path)
                ? Task.FromResult<IReadOnlyList<string>>([.. Directory.EnumerateDirectories(path).Select(d => Path.GetFileName(d)).Where(CopyManifest.IsName).Order(StringComparer.Ordinal)])
                : throw new StoreException($"The folder {path} is not there.");

        internal override Task<IReadOnlyList<string>> ManifestsAsync(string copy, CancellationToken cancellation)
        {
            var folder = Path.Combine(path, copy);
            return Task.FromResult<IReadOnlyList<string>>(Directory.Exists(folder)
                ? [.. Directory.EnumerateFiles(folder, $"{CopyManifest.Prefixed}*").Select(f => $"{copy}/{Path.GetFileName(f)}").Order(StringComparer.Ordinal)]
                : []);
        }

        internal override Task<Stream> OpenAsync(string blob, CancellationToken cancellation)
        {
            try
            {
                return Task.FromResult<Stream>(File.OpenRead(Path.Combine([path, .. blob.Split('/')])));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StoreException($"{blob} cannot be read: {e.Message}", e);
            }
        }
    }

    private sealed class InContainer(BlobContainerClient container) : CopySource
    {
        internal override Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation) => CallAsync<IReadOnlyList<string>>(async () =>
        {
            var names = new List<string>();
            await foreach (var folder in container.GetBlobsByHierarchyAsync(new() { Delimiter = "/" }, cancellation))
            {
                if (folder.IsPrefix && CopyManifest.IsName(folder.Prefix.TrimEnd('/')))
                    names.Add(folder.Prefix.TrimEnd('/'));
            }
            return [.. names.Order(StringComparer.Ordinal)];
        });

        internal override Task<IReadOnlyList<string>> ManifestsAsync(string copy, CancellationToken cancellation) => CallAsync<IReadOnlyList<string>>(async () =>
        {
            var names = new List<string>();
            await foreach (var blob in container.GetBlobsAsync(new() { Prefix = $"{copy}/{CopyManifest.Prefixed}" }, cancellation))
                names.Add(blob.Name);
            return names;
        });

        internal override Task<Stream> OpenAsync(string blob, CancellationToken cancellation)
            => CallAsync(async () => (Stream)await container.GetBlobClient(blob).OpenReadAsync(cancellationToken: cancellation));

        private async Task<T> CallAsync<T>(Func<Task<T>> call)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is RequestFailedException or AggregateException or AuthenticationFailedException)
            {
                throw new StoreException(e is RequestFailedException { Status: 401 or 403 }
                    ? $"{container.Uri} refuses you. Your account needs the role \"Storage Blob Data Reader\" there, and the account's firewall must admit this machine."
                    : $"{container.Uri} cannot be read: {(e as RequestFailedException)?.ErrorCode ?? e.Message}", e);
            }
        }
    }
}
