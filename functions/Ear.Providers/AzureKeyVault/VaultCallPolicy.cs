using Azure.Core;
using Azure.Core.Pipeline;

namespace Ear.Providers.AzureKeyVault;

/// <summary>What is wanted of one call to a vault, and what its answer's headers told.</summary>
/// <param name="ByServiceOnly">Wrapping and unwrapping: see <see cref="VaultCallPolicy"/>.</param>
internal sealed class VaultCall(bool byServiceOnly)
{
    public bool ByServiceOnly => byServiceOnly;

    /// <summary>The vault has answered, whatever it said.</summary>
    public bool Answered { get; set; }

    public string? RequestId { get; set; }

    public string? CallerAddress { get; set; }

    /// <summary>All that the running method asks of a vault from here on belongs to this call.</summary>
    public IDisposable Begin() => HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?> { [nameof(VaultCall)] = this });
}

/// <summary>
/// Reads the headers that the SDK does not hand up, and keeps CryptographyClient from its short cut: the official one first GETs the key and then wraps
/// with the public part by itself, also where <c>KeyClient.GetCryptographyClient</c> made it (forceRemote is internal). A check must be the service's word, and
/// wrapping locally ignores that a key is disabled (spec kms §3). Where that GET answers 403 the client stays with the service for good, so this answers it.
/// </summary>
internal sealed class VaultCallPolicy : HttpPipelinePolicy
{
    public static readonly VaultCallPolicy Instance = new();

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var call = CallOf(message);
        if (IsShortCut(call, message))
        {
            message.Response = new ForbiddenResponse(message.Request.ClientRequestId);
            return;
        }
        await ProcessNextAsync(message, pipeline);
        Note(call, message.Response);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var call = CallOf(message);
        if (IsShortCut(call, message))
        {
            message.Response = new ForbiddenResponse(message.Request.ClientRequestId);
            return;
        }
        ProcessNext(message, pipeline);
        Note(call, message.Response);
    }

    private static VaultCall? CallOf(HttpMessage message) => message.TryGetProperty(nameof(VaultCall), out var value) ? value as VaultCall : null;

    private static bool IsShortCut(VaultCall? call, HttpMessage message) => call is { ByServiceOnly: true } && message.Request.Method == RequestMethod.Get;

    private static void Note(VaultCall? call, Azure.Response response)
    {
        if (call is null)
            return;
        call.Answered = true;
        call.RequestId = VaultError.RequestId(response);
        call.CallerAddress = VaultError.CallerAddress(response);
    }
}
