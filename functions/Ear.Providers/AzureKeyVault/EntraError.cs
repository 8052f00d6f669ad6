using System.Text.Json;
using Microsoft.Identity.Client;

namespace Ear.Providers.AzureKeyVault;

/// <summary>An error answer of Entra, as MSAL hands it up: <c>error</c> and the numbers of <c>error_codes</c>. Its description and anything else of it are not taken over.</summary>
internal static class EntraError
{
    public static AzureSignal Signal(AzureStep step, MsalServiceException exception) =>
        // MSAL gives what is no error document of Entra a code of its own, and a status of 200 where it could not read a token.
        exception.StatusCode is > 0 and < 300
            ? new(step, AzureFault.BrokenAnswer)
            : new(step, AzureFault.Answer, exception.ErrorCode ?? "", Numbers(exception.ResponseBody), "", exception.StatusCode)
            {
                RequestId = exception.CorrelationId,
                RetryAfter = exception.Headers?.RetryAfter?.Delta,
            };

    private static string Numbers(string? body)
    {
        try
        {
            using var document = JsonDocument.Parse(string.IsNullOrEmpty(body) ? "{}" : body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error_codes", out var codes) && codes.ValueKind == JsonValueKind.Array
                ? string.Join(',', codes.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Number))
                : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
