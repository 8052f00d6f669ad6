using System.Text.Json;
using Azure;

namespace Ear.Providers.AzureKeyVault;

/// <summary>A vault's error answer: <c>{"error":{"code","message","innererror":{"code"}}}</c> (spec kms §1.2). The SDK tells only the outer code.</summary>
internal static class VaultError
{
    public static AzureSignal Signal(AzureStep step, RequestFailedException exception)
    {
        var response = exception.GetRawResponse();
        // Nothing that a key identifier names may lead anywhere else: a redirect is not followed, and no answer.
        if (exception.Status is >= 300 and < 400)
            return new(step, AzureFault.BrokenAnswer, "Redirect", "", "", exception.Status) { RequestId = RequestId(response) };
        var (code, inner, message) = Read(response);
        return new(step, AzureFault.Answer, code, inner, message, exception.Status)
        {
            RequestId = RequestId(response),
            CallerAddress = CallerAddress(response),
            RetryAfter = RetryAfter(response),
        };
    }

    public static string? RequestId(Response? response) => response is not null && response.Headers.TryGetValue("x-ms-request-id", out var id) ? id : null;

    /// <summary>From <c>x-ms-keyvault-network-info: conn_type=Ipv4;addr=203.0.113.7;act_addr_fam=InterNetwork;</c>.</summary>
    public static string? CallerAddress(Response? response) =>
        response is not null && response.Headers.TryGetValue("x-ms-keyvault-network-info", out var info)
            ? info!.Split(';', StringSplitOptions.TrimEntries).FirstOrDefault(p => p.StartsWith("addr=", StringComparison.OrdinalIgnoreCase))?["addr=".Length..]
            : null;

    private static TimeSpan? RetryAfter(Response? response) =>
        response is not null && response.Headers.TryGetValue("Retry-After", out var value) && int.TryParse(value, out var seconds) && seconds >= 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Empty where the answer is not of this form: a proxy's page is not the vault's word.</summary>
    private static (string Code, string Inner, string Message) Read(Response? response)
    {
        try
        {
            if (response?.ContentStream is null)
                return ("", "", "");
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            if (!TryObject(document.RootElement, "error", out var error))
                return ("", "", "");
            return (Text(error, "code"), TryObject(error, "innererror", out var inner) ? Text(inner, "code") : "", Text(error, "message"));
        }
        catch (JsonException)
        {
            return ("", "", "");
        }
    }

    private static bool TryObject(JsonElement parent, string name, out JsonElement value)
    {
        value = default;
        return parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out value) && value.ValueKind == JsonValueKind.Object;
    }

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
