using Ear.Functions.Http;
using Ear.Functions.Http.Requests;
using Ear.Nodes;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Operator;

/// <summary>
/// For the automation of a pool of machines, which holds a function key of the host: which nodes wait for a machine, what a machine
/// needs to take one's place, and which machines are of no use any more.
/// </summary>
public sealed class MachinesDoor(AwaitedNodes awaited, AwaitedNodeViews views, IMachineTasks tasks, IOptions<DoorOptions> options, ILogger<MachinesDoor> logger)
{
    private const string Node = OperatorCall.Path + "groups/{groupId}/nodes/{nodeId}/";

    /// <summary>A virtual machine's resource id in Azure has about 200.</summary>
    private const int LongestName = 256;

    [Function("listAwaitedNodes")]
    public Task<IActionResult> Awaited([HttpTrigger(AuthorizationLevel.Function, "get", Route = OperatorCall.Path + "awaitedNodes")] HttpRequest request)
        => PageAsync(request, MachineTask.Provide, views.AwaitedAsync);

    [Function("listReleasedNodes")]
    public Task<IActionResult> Released([HttpTrigger(AuthorizationLevel.Function, "get", Route = OperatorCall.Path + "releasedNodes")] HttpRequest request)
        => PageAsync(request, MachineTask.Destroy, (nodes, _) => Task.FromResult<IReadOnlyList<ReleasedNodeView>>([.. nodes.Select(ReleasedNodeView.Of)]));

    /// <summary>A new token each time; that of the call before is worth nothing.</summary>
    [Function("issueNodeEnrolment")]
    public Task<IActionResult> Issue([HttpTrigger(AuthorizationLevel.Function, "post", Route = Node + "enrolment")] HttpRequest request, string groupId, string nodeId)
        => OperatorCall.AnswerAsync(request, cancellation => OperatorCall.BodyAsync(request, Machine, cancellation).ThenAsync(machine
            => NamedAsync(groupId, nodeId, (project, node) => awaited.HandOutAsync(project, node, machine, cancellation)).MapAsync(given =>
            {
                Log.TokenIssued(logger, machine, nodeId, groupId, given.Expires);
                return EnrolmentView.Of(given, options.Value.Absolute(request, "/"));
            })));

    /// <summary>The machine is destroyed, or will not come: it is forgotten.</summary>
    [Function("forgetNodeMachine")]
    public Task<IActionResult> Forget([HttpTrigger(AuthorizationLevel.Function, "delete", Route = Node + "machine")] HttpRequest request, string groupId, string nodeId)
        => OperatorCall.AnswerAsync(request, cancellation
            => NamedAsync(groupId, nodeId, (project, node) => awaited.ForgetMachineAsync(project, node, cancellation)).MapAsync(_ =>
            {
                Log.MachineGone(logger, nodeId, groupId);
                return new Nothing();
            }));

    private Task<IActionResult> PageAsync<T>(HttpRequest request, MachineTask task, Func<IReadOnlyList<Node>, CancellationToken, Task<IReadOnlyList<T>>> view)
        => OperatorCall.AnswerAsync<PageView<T>>(request, async cancellation =>
        {
            if (!PageAsked.Of(request).IsOk(out var asked, out var problem))
                return problem;
            var page = await tasks.ListAsync(task, asked.After, asked.Limit, cancellation);
            return new PageView<T>(await view(page.Items, cancellation), page.Continuation);
        });

    private static Task<Outcome<T>> NamedAsync<T>(string groupId, string nodeId, Func<ProjectId, NodeId, Task<Outcome<T>>> answer)
    {
        if (!HexId.TryParse<ProjectId>(groupId, out var project))
            return Task.FromResult<Outcome<T>>(new Problem.InvalidProjectId(groupId));
        return HexId.TryParse<NodeId>(nodeId, out var node) ? answer(project, node) : Task.FromResult<Outcome<T>>(new Problem.NodeNotFound(nodeId, groupId));
    }

    private static Outcome<string> Machine(BodyFields body)
    {
        var name = body.Given("machine");
        if (name is not null && (name.Length > LongestName || !name.All(char.IsAscii) || name.Any(c => char.IsControl(c) || c == ' ')))
            body.Fault("machine", $"1 to {LongestName} visible ASCII characters without spaces");
        return name is null ? new Problem.MissingField("machine") : name;
    }

    /// <param name="After">What the page before called <c>next</c>.</param>
    private sealed record PageAsked(string? After, int Limit)
    {
        private const int Most = 100;

        public static Outcome<PageAsked> Of(HttpRequest request)
        {
            var limit = Most;
            if (request.Query["limit"] is { Count: > 0 } text && (!int.TryParse(text[0], out limit) || limit is < 1 or > Most))
                return new Problem.InvalidField("limit", $"A number from 1 to {Most}.");
            var after = request.Query["after"].ToString();
            return after.Length == 0 || MachineTasks.IsContinuation(after)
                ? new PageAsked(after.Length == 0 ? null : after, limit)
                : new Problem.InvalidField("after", "What the page before calls next.");
        }
    }
}
