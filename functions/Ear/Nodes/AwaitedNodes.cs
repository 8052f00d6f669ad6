using System.Buffers.Text;
using System.Globalization;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Nodes;

/// <summary>
/// Hands nodes to the operator's machines (ADR-0014). A machine takes a node by being given its token; while that is good, no other
/// machine gets one, so that many may ask at once and each finds a node of its own.
/// </summary>
public sealed class AwaitedNodes(INodes nodes, EventFactory events, IIds ids)
{
    public const string Actor = "operator";

    private const int TokenBytes = 32;

    /// <summary>Only an enrolment and other calls of the operator save an awaited node.</summary>
    private const int MaxTries = 5;

    /// <summary>Each call makes another token, and the one before is worth nothing: a lost answer is asked for again, under the same <paramref name="machine"/>.</summary>
    /// <param name="machine">What the operator calls it.</param>
    public Task<Outcome<HandedOut>> HandOutAsync(ProjectId project, NodeId id, string machine, CancellationToken cancellation)
        => ChangeAsync<HandedOut>(project, id, node =>
        {
            if (node.Removed)
                return new Problem.NodeRemoved(id.Value);
            if (node.AwaitedSince is null)
                return new Problem.NodeNotAwaited(id.Value);
            if (node.AgentKey is not null)
                return new Problem.NodeEnrolled(id.Value, node.Machine ?? "");
            if (node is { Machine: { } holder, Enrolment: { } given } && holder != machine && given.Expires > events.Now)
                return new Problem.NodeTaken(id.Value, holder, given.Expires);
            var token = Base64Url.EncodeToString(ids.Secret(TokenBytes));
            var expires = events.Now + NodeProvisioning.TokenLife;
            var taken = node with { Machine = machine, Enrolment = new(NodeProvisioning.Sha256(token), expires) };
            return new Change<HandedOut>(taken, "NODE_ENROLMENT_TOKEN_ISSUED", new(taken, token, expires))
            {
                Details = [new("expires", expires.ToString("O", CultureInfo.InvariantCulture))],
            };
        }, cancellation);

    /// <summary>
    /// The node's machine is no more. Of a node that waits, its token is worth nothing from now on, and another machine may take it;
    /// of one that was removed, nothing is left to do. Told twice is told once.
    /// </summary>
    public Task<Outcome<Node>> ForgetMachineAsync(ProjectId project, NodeId id, CancellationToken cancellation)
        => ChangeAsync<Node>(project, id, node =>
        {
            if (node.Machine is not { } machine)
                return new Change<Node>(node, null, node);
            if (!node.Removed && node.AgentKey is not null)
                return new Problem.NodeEnrolled(id.Value, machine);
            var free = node with { Machine = null, Enrolment = null };
            return new Change<Node>(free, "NODE_MACHINE_GONE", free) { Details = [new("machine", machine)] };
        }, cancellation);

    private async Task<Outcome<T>> ChangeAsync<T>(ProjectId project, NodeId id, Func<Node, Outcome<Change<T>>> change, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await nodes.FindAsync(project, id, cancellation) is not { Document: var node, Version: var version })
                return new Problem.NodeNotFound(id.Value, project.Value);
            if (!change(node).IsOk(out var made, out var problem))
                return problem;
            if (made.EventType is null || (await nodes.SaveAsync(made.Node, version, [Event(made)], cancellation)).Saved)
                return made.Answer;
        }
        return new Problem.Conflict("The node");
    }

    private ProjectEvent Event<T>(Change<T> made)
    {
        KeyValuePair<string, string>[] named = made.Node.Machine is { } machine ? [new("machine", machine)] : [];
        return events.Make(made.Node.ProjectId, made.EventType!, Actor, [new("index", made.Node.Index.ToString(CultureInfo.InvariantCulture)), .. named, .. made.Details]) with
        {
            ClusterName = made.Node.Cluster.Name.Value,
            NodeId = made.Node.Id.Value,
        };
    }

    /// <param name="EventType">Null: there is nothing to save.</param>
    private sealed record Change<T>(Node Node, string? EventType, T Answer)
    {
        public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];
    }
}

/// <param name="Token">Secret; good once, until <paramref name="Expires"/>.</param>
public sealed record HandedOut(Node Node, string Token, DateTimeOffset Expires)
{
    /// <summary>Without the token, so that a log line or an exception never carries it.</summary>
    public override string ToString() => $"{nameof(HandedOut)} {{ {Node.Id}, {Node.Machine}, {Expires:O} }}";
}
