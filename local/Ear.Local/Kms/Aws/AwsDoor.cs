using System.Text;
using Ear.Local.Kms.Aws.Iam;
using Ear.Local.Kms.Aws.Keys;
using Ear.Local.Kms.Aws.Signing;
using Ear.Local.Kms.Aws.Sts;
using Ear.Local.Kms.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Kms.Aws;

/// <summary>
/// The one port of AWS KMS, STS and IAM. Each request: read → find the protocol → check the signature → the fault that was asked for, if any →
/// run → answer. <see cref="AwsRefusal"/> becomes an answer here and nowhere else.
/// </summary>
internal sealed class AwsDoor(
    AwsService service, Faults faults, RequestLog log, TimeProvider time, ILogger logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        var requestId = AwsNames.NewGuid().ToString();
        // Clients correct their clock by this header: it must tell the service's time, not the machine's.
        http.Response.Headers.Date = service.Clock.Now.ToString("R");
        http.Response.Headers["x-amzn-RequestId"] = requestId;

        var body = await ReadAsync(http);
        if (body is null)
        {
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }
        var protocol = ProtocolOf(http.Request, body);
        var (answer, caller, outcome, fault) = await AnswerAsync(http, protocol, body, requestId);
        log.Add(new RequestEntry(service.Clock.Now, requestId, protocol.Service, protocol.Operation, protocol.Names is [var name, ..] ? name : null, caller?.Arn, outcome));
        if (fault.Instead is not null)
        {
            await fault.WriteInsteadAsync(http);
            return;
        }
        if (answer is null)
        {
            http.Abort();
            return;
        }
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        await fault.WriteAsync(http, Encoding.UTF8.GetBytes(answer.Body));
    }

    /// <returns>No answer: the fault answers instead, or the client is gone.</returns>
    private async Task<(AwsAnswer? Answer, AwsCaller? Caller, string Outcome, FaultExecution Fault)> AnswerAsync(HttpContext http, IAwsProtocol protocol, byte[] body, string requestId)
    {
        AwsCaller? caller = null;
        var fault = FaultExecution.None;
        try
        {
            var signer = service.Signers.Verify(Signed(http, body), protocol.Service);
            caller = signer.Caller;
            fault = await FaultExecution.BeginAsync(http, faults.Take(protocol.Operation, protocol.Names), time);
            if (fault.Instead is { } instead)
                return (null, caller, instead, fault);
            if (fault.Code is { } code)
                throw new AwsRefusal(code, fault.Message, fault.Status ?? 400);
            return (protocol.Run(signer, requestId), caller, fault.After ?? "ok", fault);
        }
        catch (AwsRefusal refusal)
        {
            return (protocol.Error(refusal, requestId), caller, refusal.Code, fault);
        }
        catch (SignatureRefusedException refused)
        {
            var refusal = protocol.Refusal(refused);
            return (protocol.Error(refusal, requestId), caller, refusal.Code, fault);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return (null, caller, "client gone", FaultExecution.None);
        }
        catch (Exception e)
        {
            logger.RequestFailed(protocol.Service, protocol.Operation, requestId, e);
            var refusal = new AwsRefusal(protocol.Service == "kms" ? "KMSInternalException" : "InternalFailure", "The local KMS failed; its log says why.", 500);
            return (protocol.Error(refusal, requestId), caller, refusal.Code, fault);
        }
    }

    private IAwsProtocol ProtocolOf(HttpRequest request, byte[] body)
    {
        if (request.Headers["X-Amz-Target"].FirstOrDefault() is { } target)
            return new KmsJson(service.Kms, target, body);
        var scoped = AuthorizationHeader.Parse(request.Headers.Authorization.FirstOrDefault() ?? "")?.Scope.Service;
        var form = $"{request.QueryString.Value?.TrimStart('?')}&{Encoding.UTF8.GetString(body)}";
        return new QueryProtocol(scoped == "iam" ? "iam" : "sts", QueryParameters.Parse(form), service.Sts, service.Iam);
    }

    private static SignedRequest Signed(HttpContext http, byte[] body)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return new SignedRequest(http.Request.Method, target, name => http.Request.Headers[name], body);
    }

    /// <returns>null when the body is larger than the listener takes.</returns>
    private static async Task<byte[]?> ReadAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        try
        {
            await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
            return buffer.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }
}
