using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>The container for copies, and the one call that Ear makes to it: adding a blob that was not there.</summary>
internal sealed class CopyTarget
{
    private readonly BlobContainerClient _container;
    private readonly bool _mayCreate;

    /// <param name="credential">Null with a connection string.</param>
    public CopyTarget(CopyOptions options, AzureTablesStoreOptions patience, TokenCredential? credential, Action<ClientOptions>? configure = null)
    {
        var client = new BlobClientOptions
        {
            Retry =
            {
                Mode = RetryMode.Exponential, MaxRetries = patience.MaxRetries, Delay = patience.RetryDelay, MaxDelay = patience.MaxRetryDelay,
                // A part is larger than what a call of the store carries.
                NetworkTimeout = 3 * patience.CallTimeout,
            },
        };
        configure?.Invoke(client);
        _mayCreate = options.ConnectionString.Length > 0;
        _container = (_mayCreate ? new BlobServiceClient(options.ConnectionString, client) : new BlobServiceClient(new Uri(options.BlobServiceUri), credential, client))
            .GetBlobContainerClient(options.Container);
    }

    /// <summary>In Azure infra/ makes the container, with what guards it; the app may not.</summary>
    public Task PrepareAsync(CancellationToken cancellation)
        => _mayCreate ? TableStore.CallAsync(() => _container.CreateIfNotExistsAsync(cancellationToken: cancellation)) : Task.CompletedTask;

    /// <summary>In one request: blocks that are put together afterwards would need the right to write over blobs.</summary>
    /// <exception cref="StoreException">The blob could not be added; the text says what to do.</exception>
    public async Task AddAsync(string blob, Stream content, CancellationToken cancellation)
    {
        var options = new BlobUploadOptions
        {
            Conditions = new BlobRequestConditions { IfNoneMatch = Azure.ETag.All },
            TransferOptions = new() { InitialTransferSize = content.Length + 1, MaximumTransferSize = content.Length + 1 },
        };
        try
        {
            await _container.GetBlobClient(blob).UploadAsync(content, options, cancellation);
        }
        catch (Exception e) when (e is Azure.RequestFailedException or AggregateException or AuthenticationFailedException)
        {
            throw new StoreException(
                e is Azure.RequestFailedException { Status: 401 or 403 } refused
                    ? $"The container {_container.Uri} refuses a copy of Ear's state ({refused.ErrorCode ?? "403"}). Give the app's identity the right to add blobs there (infra/ makes the role), and let its firewall admit the app's network."
                    : $"A part of a copy of Ear's state could not be added to {_container.Uri} ({(e as Azure.RequestFailedException)?.ErrorCode ?? e.GetType().Name}). It is tried again.", e);
        }
    }
}
