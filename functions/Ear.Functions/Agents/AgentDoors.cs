using System.Text.Json;
using Ear.Functions.Http.Requests;
using Ear.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Agents;

/// <summary>The agent API (<see cref="AgentApi"/>).</summary>
public sealed class AgentDoors(AgentGate gate, NodeEnrolment enrolment, NodePolls polls, NodeKeys keys, SealingKey sealing)
{
    private const string Path = "agent/v1/";

    /// <summary>Unsigned: the token is the proof.</summary>
    [Function("enrollAgent")]
    public async Task<IActionResult> Enroll([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "enroll")] HttpRequest request, [DurableClient] DurableTaskClient client)
    {
        var body = await JsonBody.ReadBytesAsync(request, AgentGate.BodyLimitBytes, request.HttpContext.RequestAborted);
        var reply = Read<EnrolRequest>(body) is { } asked ? await enrolment.EnrolAsync(asked, request.HttpContext.RequestAborted) : AgentFault.Malformed;
        return AgentResult.Of(reply);
    }

    [Function("pollAgent")]
    public Task<IActionResult> Poll([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "poll")] HttpRequest request, [DurableClient] DurableTaskClient client, CancellationToken stopping)
        => SignedAsync<PollRequest, NodeGoal>(request, (node, asked, cancellation) =>
            asked.Report is { Mongod: not null, HostPort.Length: > 0, BootId: not null }
                ? polls.PollAsync(node.ProjectId, node.Id, asked, stopping, cancellation)
                : Task.FromResult<AgentReply<NodeGoal>>(AgentFault.Malformed));

    [Function("tellSealingKey")]
    public Task<IActionResult> TellSealingKey([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "sealing-key")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => SignedAsync<SealingKeyRequest, EnrolAnswer>(request, async (_, _, cancellation) => new EnrolAnswer(await sealing.PublicKeyAsync(cancellation)));

    [Function("wrapNodeKey")]
    public Task<IActionResult> Wrap([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "keys/wrap")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => SignedAsync<WrapRequest, WrapAnswer>(request, (node, asked, cancellation) =>
            asked.Sealed is null ? Task.FromResult<AgentReply<WrapAnswer>>(AgentFault.Malformed) : keys.WrapAsync(node.ProjectId, node.Id, asked, cancellation));

    [Function("unwrapNodeKey")]
    public Task<IActionResult> Unwrap([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "keys/unwrap")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => SignedAsync<UnwrapRequest, UnwrapAnswer>(request, (node, asked, cancellation) => keys.UnwrapAsync(node.ProjectId, node.Id, asked, cancellation));

    [Function("returnNodeKey")]
    public Task<IActionResult> Return([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "keys/return")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => SignedAsync<WrapAnswer, ReturnAnswer>(request, (node, kept, cancellation) => keys.ReturnAsync(node.ProjectId, node.Id, kept, cancellation));

    private async Task<IActionResult> SignedAsync<TRequest, TAnswer>(
        HttpRequest request, Func<Node, TRequest, CancellationToken, Task<AgentReply<TAnswer>>> answer)
        where TRequest : class
        where TAnswer : class
    {
        var cancellation = request.HttpContext.RequestAborted;
        var admitted = await gate.AdmitAsync(request, cancellation);
        if (admitted.Value is not { } call)
            return AgentResult.Of(admitted);
        return AgentResult.Of(Read<TRequest>(call.Body) is { } asked ? await answer(call.Node, asked, cancellation) : AgentFault.Malformed);
    }

    private static T? Read<T>(byte[]? body)
        where T : class
    {
        try
        {
            return body is null ? null : JsonSerializer.Deserialize<T>(body, EarJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
