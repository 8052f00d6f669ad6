using System.Net.Sockets;
using System.Text.Json;
using Azure;
using Azure.Identity;
using Ear.Providers.Kms;
using Microsoft.Identity.Client;

namespace Ear.Providers.AzureKeyVault;

/// <summary>From an exception of Azure's SDKs, at whatever depth the telling one is, to the signal that the table judges.</summary>
internal static class AzureSignals
{
    /// <returns>null for an exception that no call to Azure throws.</returns>
    public static AzureSignal? From(AzureStep step, Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (Telling(step, e) is { } signal)
                return signal;
        }
        // The SDK says only that it got no token, or no answer; by whose fault is not known, so it is nobody's.
        return exception is AuthenticationFailedException or MsalException or RequestFailedException ? new(step, AzureFault.BrokenAnswer) : null;
    }

    private static AzureSignal? Telling(AzureStep step, Exception exception) => exception switch
    {
        AzureNotAskedException e => new(e.Code is AzureSignal.Codes.OtherTenant or AzureSignal.Codes.ForeignChallenge ? AzureStep.Vault : AzureStep.Own, AzureFault.NotAsked, e.Code),
        AzureTokenRefusedException => new(AzureStep.Vault, AzureFault.Answer, "Unauthorized", "insufficient_claims", "", 401),
        AzureBrokenAnswerException or BadAnswerException or JsonException or FormatException => new(step, AzureFault.BrokenAnswer),
        RequestFailedException { Status: > 0 } e => VaultError.Signal(step, e),
        MsalServiceException { StatusCode: > 0 } e => EntraError.Signal(step, e),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } e when !IsPassing(e) => new(step, AzureFault.NoSuchHost),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => new(step, AzureFault.NoSuchHost),
        // The one below says what went wrong.
        RequestFailedException or HttpRequestException { InnerException: SocketException or HttpRequestException } => null,
        HttpRequestException or IOException or SocketException => new(step, AzureFault.NoAnswer),
        // By our own time limit, or the SDK's: the caller's cancellation was looked at before.
        OperationCanceledException or TimeoutException => new(step, AzureFault.NoAnswer),
        _ => null,
    };

    /// <summary>The name service did not answer, which says nothing about the name.</summary>
    private static bool IsPassing(HttpRequestException exception) => exception.InnerException is SocketException { SocketErrorCode: SocketError.TryAgain };
}
