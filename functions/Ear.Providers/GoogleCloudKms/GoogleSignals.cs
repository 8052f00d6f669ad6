using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Ear.Providers.Kms;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Status = Google.Rpc.Status;

namespace Ear.Providers.GoogleCloudKms;

/// <summary>Makes a signal of what a call threw.</summary>
/// <param name="ofEar">The credential is Ear's own.</param>
/// <param name="project">The key's project.</param>
internal sealed class GoogleSignals(bool ofEar, string project)
{
    public const string Checksum = "checksum";
    public const string BadAnswer = "bad_answer";
    public const string TooMany = "too_many_requests";
    private const string InTime = "no answer in time";

    public GoogleFailure? Judge(GoogleStep step, Exception exception) => From(step, exception) is { } signal ? GoogleFailure.Of(signal) : null;

    /// <returns>null for an exception that no call to Google throws: a bug, to be seen as one.</returns>
    private GoogleSignal? From(GoogleStep step, Exception exception) => exception switch
    {
        GoogleCredentialException e => new(GoogleStep.Credential, e.Code, e.Message, 0) { OfEar = ofEar },
        RpcException e => From(step, e),
        TokenResponseException e => new(step, CodeOf(e), e.Error?.ErrorDescription ?? "", (int?)e.StatusCode ?? 502) { OfEar = ofEar },
        GoogleAnswerException e => new(step, e.Code, e.Message, 200) { OfEar = ofEar },
        _ when KmsHttp.IsBadAnswer(exception) => new(step, BadAnswer, "the answer was cut off or too long", 502) { OfEar = ofEar },
        HttpRequestException or IOException => new(step, "", "", 0) { OfEar = ofEar },
        // By our own time limit: the caller's cancellation was looked at before.
        OperationCanceledException or TimeoutException => new(step, "", InTime, 0) { OfEar = ofEar },
        _ => null,
    };

    /// <summary>Google.Apis.Auth puts a sentence in the error's place when the answer was not the JSON of OAuth.</summary>
    private static string CodeOf(TokenResponseException exception) => exception switch
    {
        { StatusCode: HttpStatusCode.TooManyRequests } => TooMany,
        { Error.Error: { Length: > 0 } code } when !code.Contains(' ', StringComparison.Ordinal) => code,
        _ => BadAnswer,
    };

    private GoogleSignal From(GoogleStep step, RpcException exception)
    {
        if (exception.StatusCode is StatusCode.DeadlineExceeded && exception.Trailers.Count == 0 && exception.Status.DebugException is OperationCanceledException)
            return new(step, "", InTime, 0) { OfEar = ofEar };
        // Grpc.Net.Client reports DNS, TLS and connect failures as Unavailable or Internal (spec kms §2).
        if (IsOfTheWay(exception.Status.DebugException))
            return new(step, "", "", 0) { OfEar = ofEar };
        var details = Details(exception);
        var info = Detail<ErrorInfo>(details);
        return new(step, JsonNamingPolicy.SnakeCaseUpper.ConvertName(exception.StatusCode.ToString()), exception.Status.Detail, (int)exception.StatusCode)
        {
            Reason = info?.Reason ?? (Detail<PreconditionFailure>(details)?.Violations.Any(v => v.Type == "VPC_SERVICE_CONTROLS") == true ? "SECURITY_POLICY_VIOLATED" : ""),
            OfEar = ofEar && info?.Metadata.GetValueOrDefault("consumer") != $"projects/{project}",
            RequestId = Detail<RequestInfo>(details)?.RequestId,
            RetryAfter = Detail<RetryInfo>(details)?.RetryDelay?.ToTimeSpan(),
        };
    }

    private static bool IsOfTheWay(Exception? exception) => exception is not null &&
        (exception is SocketException or AuthenticationException
         or HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError }
         || IsOfTheWay(exception.InnerException));

    private static Status? Details(RpcException exception)
    {
        try
        {
            return exception.GetRpcStatus();
        }
        catch (InvalidProtocolBufferException)
        {
            // Explains, and never decides alone: without details the status and its text are judged.
            return null;
        }
    }

    private static T? Detail<T>(Status? status)
        where T : class, IMessage<T>, new()
    {
        try
        {
            return status?.GetDetail<T>();
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}

/// <summary>Google answered, and the answer cannot be what was asked for.</summary>
internal sealed class GoogleAnswerException(string code, string words) : Exception(words)
{
    public string Code => code;
}
