using System.Globalization;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Ear.Providers.Kms;

namespace Ear.Providers.AwsKms;

/// <summary>Who was asked when it went wrong.</summary>
internal enum AwsStep
{
    /// <summary>Ear's own credential was looked for.</summary>
    OwnCredential,

    /// <summary>STS was asked for a session of the customer's role.</summary>
    Sts,

    /// <summary>KMS was asked with that session.</summary>
    Kms,

    /// <summary>KMS was asked with the customer's own access key.</summary>
    KmsByAccessKey,
}

/// <summary>One failed call, as far as its class depends on it.</summary>
/// <param name="Code">AWS's error code without a namespace; empty when AWS did not answer.</param>
/// <param name="Status">HTTP status; 0 when AWS did not answer.</param>
internal sealed record AwsSignal(AwsStep Step, string Code, string Text, int Status, string? RequestId)
{
    public bool IsAnswer => Status != 0;

    /// <summary>AWS began to answer, and it was cut off, too long or nothing that can be read.</summary>
    public bool IsBadAnswer { get; init; }

    /// <summary>How long AWS asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <returns>null for an exception that no call to AWS throws: a bug, to be seen as one.</returns>
    public static AwsSignal? From(AwsStep step, Exception exception) => exception switch
    {
        NoSecretException => new(AwsStep.OwnCredential, "", "", 0, null),
        _ when KmsHttp.IsBadAnswer(exception) => new(step, "", "", 0, null) { IsBadAnswer = true },
        AmazonServiceException e when (int)e.StatusCode > 0 => new(step, CodeOf(e), e.Message ?? "", (int)e.StatusCode, e.RequestId) { RetryAfter = RetryAfterOf(e) },
        AmazonServiceException or AmazonClientException or HttpRequestException or IOException => new(step, "", "", 0, null),
        // By our own time limit, or the SDK's: the caller's cancellation was looked at before.
        OperationCanceledException or TimeoutException => new(step, "", "no answer in time", 0, null),
        _ => null,
    };

    /// <summary>Front doors write <c>com.amazonaws.kms#Code</c> and <c>Code:http://…</c> (spec kms §1.1).</summary>
    private static string CodeOf(AmazonServiceException exception)
    {
        var code = exception.ErrorCode ?? "";
        code = code[(code.LastIndexOf('#') + 1)..];
        var colon = code.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? code : code[..colon];
    }

    private static TimeSpan? RetryAfterOf(AmazonServiceException exception) =>
        exception.InnerException is HttpErrorResponseException { Response: { } response } &&
        int.TryParse(response.GetHeaderValue("Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
