using System.Net.Sockets;
using Ear.Functions.Http.Access;
using Ear.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>The caller's own address, as it reaches Ear: a proxy's where there is one (spec atlas-ear §3.8).</summary>
public sealed class IpInfoDoor(Authenticator authenticator, RequestRates rates)
{
    /// <summary>Everybody who is authenticated.</summary>
    [Function("getIpInfo")]
    public async Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "private/ipinfo")] HttpRequest request)
    {
        if (!(await authenticator.AuthenticateAsync(request, request.HttpContext.RequestAborted)).IsOk(out var caller, out var refused)
            || (refused = rates.Refused(caller.Name, request.HttpContext.Response.Headers)) is not null)
        {
            return ErrorResult.Of(refused);
        }
        var address = request.HttpContext.Connection.RemoteIpAddress;
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        return new ContentResult
        {
            ContentType = "application/json",
            Content = address is { AddressFamily: AddressFamily.InterNetwork } ? $$"""{"currentIpv4Address":"{{address}}"}""" : "{}",
        };
    }
}
