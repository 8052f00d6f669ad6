using System.Text.Json;
using Ear.Local.Kms.Azure.Entra;
using Ear.Local.Kms.Azure.Vault;
using Ear.Local.Kms.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Kms.Azure;

/// <summary>
/// The one port of the vault and Entra. Each request: read → vault or Entra by its path → who asks → the fault that was asked for, if any → run → answer.
/// <see cref="AzureRefusal"/> becomes an answer here and nowhere else.
/// </summary>
internal sealed class AzureDoor(AzureService service, Faults faults, RequestLog log, TimeProvider time, ILogger logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        var requestId = AzureNames.NewGuid().ToString();
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        IAzureCall call = VaultRoute.Parse(http.Request.Method, http.Request.Path.Value ?? "") is { } route
            ? new VaultCall(service, route, http.Request, body.ToArray())
            : new EntraCall(service, http.Request, body.ToArray(), requestId);
        SetHeaders(http.Response.Headers, call, requestId);

        var (answer, outcome, fault) = await AnswerAsync(http, call, requestId);
        log.Add(new RequestEntry(service.Clock.Now, requestId, call.Service, call.Operation, call.Names is [var name, ..] ? name : null, call.Caller, outcome));
        if (fault.Instead is not null)
            await fault.WriteInsteadAsync(http);
        else if (answer is null)
            http.Abort();
        else
            await WriteAsync(http, answer, fault);
    }

    /// <returns>No answer: the fault answers instead, or the client is gone.</returns>
    private async Task<(AzureAnswer? Answer, string Outcome, FaultExecution Fault)> AnswerAsync(HttpContext http, IAzureCall call, string requestId)
    {
        var fault = FaultExecution.None;
        try
        {
            call.Admit();
            fault = await FaultExecution.BeginAsync(http, faults.Take(call.Operation, call.Names), time);
            if (fault.Instead is { } instead)
                return (null, instead, fault);
            if (fault.Code is { } code)
                throw new AzureRefusal(fault.Status ?? 400, code, fault.Message ?? code);
            return (call.Run(), fault.After ?? "ok", fault);
        }
        catch (AzureRefusal refusal)
        {
            return (call.Answer(refusal), refusal.Outcome, fault);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return (null, "client gone", FaultExecution.None);
        }
        catch (Exception e)
        {
            logger.RequestFailed(call.Service, call.Operation, requestId, e);
            var refusal = new AzureRefusal(500, "InternalServerError", "The local Key Vault failed; its log says why.");
            return (call.Answer(refusal), refusal.Outcome, fault);
        }
    }

    private void SetHeaders(IHeaderDictionary headers, IAzureCall call, string requestId)
    {
        // Clients may measure their clock by this header: it must tell the service's time, not the machine's.
        headers.Date = service.Clock.Now.ToString("R");
        headers.CacheControl = "no-cache";
        headers["x-ms-request-id"] = requestId;
        if (call is not VaultCall)
            return;
        headers["x-ms-keyvault-region"] = AzureNames.Region;
        headers["x-ms-keyvault-service-version"] = "1.9.2847.1";
        headers["x-ms-keyvault-network-info"] = "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;";
    }

    private static async Task WriteAsync(HttpContext http, AzureAnswer answer, FaultExecution fault)
    {
        http.Response.StatusCode = answer.Status;
        if (answer.Challenge is { } challenge)
            http.Response.Headers.WWWAuthenticate = challenge;
        if (answer.Body is not null)
        {
            http.Response.ContentType = "application/json; charset=utf-8";
            await fault.WriteAsync(http, JsonSerializer.SerializeToUtf8Bytes(answer.Body));
        }
        else if (fault.After is not null)
        {
            // Nothing is sent with 204: half of it is nothing too.
            http.Abort();
        }
    }
}
