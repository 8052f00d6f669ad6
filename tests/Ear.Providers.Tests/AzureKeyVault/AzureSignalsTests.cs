using System.Net.Sockets;
using System.Text.Json;
using Azure;
using Azure.Identity;
using Ear.Providers.AzureKeyVault;
using Microsoft.Identity.Client;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>Exceptions as Azure's SDKs nest them.</summary>
public sealed class AzureSignalsTests
{
    [Fact]
    public void A_name_that_is_not_known_is_told_from_a_name_service_that_does_not_answer()
    {
        Assert.Equal(AzureFault.NoSuchHost, Fault(InSdk(Resolution(SocketError.HostNotFound))));
        Assert.Equal(AzureFault.NoAnswer, Fault(InSdk(Resolution(SocketError.TryAgain))));

        static HttpRequestException Resolution(SocketError error) =>
            new(HttpRequestError.NameResolutionError, "Name or service not known", new SocketException((int)error));
    }

    [Fact]
    public void A_connection_that_fails_and_a_limit_that_ends_are_no_answer()
    {
        Assert.Equal(AzureFault.NoAnswer, Fault(InSdk(new HttpRequestException(HttpRequestError.ConnectionError, "refused", new SocketException((int)SocketError.ConnectionRefused)))));
        Assert.Equal(AzureFault.NoAnswer, Fault(InSdk(new HttpRequestException(HttpRequestError.SecureConnectionError, "tls"))));
        Assert.Equal(AzureFault.NoAnswer, Fault(new TaskCanceledException()));
        Assert.Equal(AzureFault.NoAnswer, Fault(new AuthenticationFailedException("failed", new TaskCanceledException())));
        Assert.Equal(AzureFault.NoAnswer, Fault(new AuthenticationFailedException("failed", new MsalServiceException("request_timeout", "timeout", 0, new TaskCanceledException()))));
    }

    [Fact]
    public void What_cannot_be_read_is_a_broken_answer()
    {
        Assert.Equal(AzureFault.BrokenAnswer, Fault(new JsonException()));
        Assert.Equal(AzureFault.BrokenAnswer, Fault(new AuthenticationFailedException("failed", new MsalClientException("json_parse_failed", "json"))));
        Assert.Equal(AzureFault.BrokenAnswer, Fault(new AuthenticationFailedException("failed")));
        Assert.Equal(AzureFault.BrokenAnswer, Fault(new AuthenticationFailedException("failed", new MsalServiceException("unknown", "no token", 200))));
    }

    [Fact]
    public void An_error_of_entra_is_its_error_and_its_numbers_and_none_of_its_text()
    {
        var inner = new MsalServiceException("invalid_client", "A configuration issue. AADSTS7000215: DESCRIPTION", 401) { ResponseBody = """{"error":"invalid_client","error_description":"DESCRIPTION","error_codes":[7000215,50000]}""" };

        var signal = AzureSignals.From(AzureStep.Entra, new AuthenticationFailedException("ClientSecretCredential authentication failed: DESCRIPTION", inner))!;

        Assert.Equal((AzureStep.Entra, AzureFault.Answer, "invalid_client", "7000215,50000", "", 401), (signal.Step, signal.Fault, signal.Code, signal.Inner, signal.Text, signal.Status));
        Assert.DoesNotContain("DESCRIPTION", AzureFailure.Of(signal).ToString());
    }

    [Fact]
    public void A_bug_is_not_a_signal()
    {
        Assert.Null(AzureSignals.From(AzureStep.Vault, new KeyNotFoundException()));
        Assert.Null(AzureSignals.From(AzureStep.Own, new InvalidOperationException()));
    }

    private static AzureFault? Fault(Exception exception) => AzureSignals.From(AzureStep.Vault, exception)?.Fault;

    private static RequestFailedException InSdk(Exception inner) => new("failed", inner);
}
