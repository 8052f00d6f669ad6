#nullable disable

using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Security.KeyVault.Keys;

/// <summary>Requests of one vault's REST API on the pipeline of Azure.Core.</summary>
internal sealed class KeyVaultPipeline(Uri vaultUri, TokenCredential credential, KeyClientOptions options)
{
    private readonly string _apiVersion = options.ApiVersion;

    private readonly HttpPipeline _pipeline = HttpPipelineBuilder.Build(options, [], [new ChallengePolicy(credential, !options.DisableChallengeResourceVerification)], ResponseClassifier);

    public Uri VaultUri => vaultUri;

    private static ResponseClassifier ResponseClassifier { get; } = new();

    public Task<Response<T>> GetAsync<T>(string[] path, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Get, path, null, read, cancellationToken);

    public Task<Response<T>> PostAsync<T>(string[] path, RequestContent body, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Post, path, body, read, cancellationToken);

    private async Task<Response<T>> SendAsync<T>(RequestMethod method, string[] path, RequestContent body, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        using var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(vaultUri);
        message.Request.Uri.Path = "";
        foreach (var segment in path)
            if (!string.IsNullOrEmpty(segment))
                message.Request.Uri.AppendPath("/" + Uri.EscapeDataString(segment), escape: false);
        message.Request.Uri.AppendQuery("api-version", _apiVersion);
        message.Request.Headers.Add(HttpHeader.Common.JsonAccept);
        if (body is not null)
        {
            message.Request.Headers.Add(HttpHeader.Common.JsonContentType);
            message.Request.Content = body;
        }
        await _pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        var response = message.Response;
        if (response.Status != 200)
            throw new RequestFailedException(response);
        using var document = JsonDocument.Parse(response.Content.ToMemory());
        return Response.FromValue(read(document.RootElement), response);
    }
}
