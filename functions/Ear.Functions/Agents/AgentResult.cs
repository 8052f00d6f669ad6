using System.Text.Json;
using Ear.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Ear.Functions.Agents;

/// <summary>An answer of the agent API, written as <see cref="EarJson"/> says; null: 204.</summary>
internal sealed class AgentResult(int status, object? body) : IActionResult
{
    public static AgentResult Of<T>(AgentReply<T> reply)
        where T : class
        => reply switch
        {
            { Fault: { } fault } => Of(fault),
            { Value: { } value } => new(StatusCodes.Status200OK, value),
            _ => new(StatusCodes.Status204NoContent, null),
        };

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = status;
        if (body is null)
            return;
        response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(response.Body, body, body.GetType(), EarJson.Options, context.HttpContext.RequestAborted);
    }

    private static AgentResult Of(AgentFault fault)
    {
        var (status, code, detail) = fault switch
        {
            AgentFault.Unauthorized => (401, "UNAUTHORIZED", "The token, signature, time stamp or nonce is not accepted. Check this machine's clock, and that the node is enrolled."),
            AgentFault.Malformed => (400, "MALFORMED", "The body cannot be read, is too large, or its sealed key does not open."),
            AgentFault.AlreadyUsed => (409, "ALREADY_USED", "This token or key id was used with another key before."),
            AgentFault.Removed => (410, "REMOVED", "This node was removed from its cluster: stop mongod and forget it."),
            AgentFault.KeyNotFound => (404, "KEY_NOT_FOUND", "This node never had such a key."),
            AgentFault.KeyInvalid => (403, "KEY_INVALID", "The customer's key is invalid."),
            AgentFault.Unavailable => (503, "UNAVAILABLE", "No answer about the customer's key could be had. Try again later."),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
        };
        return new(status, new AgentError(code, detail));
    }

    private sealed record AgentError(string ErrorCode, string Detail);
}
