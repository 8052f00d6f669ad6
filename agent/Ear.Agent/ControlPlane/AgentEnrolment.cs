using System.Net;
using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Nodes;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.ControlPlane;

/// <summary>Trades the one-time token for a place in the cluster; after that only the node's key counts (spec dataplane §6.2).</summary>
internal sealed class AgentEnrolment(AgentSettings settings, AgentStateStore state, NodeIdentity identity, ControlPlaneClient controlPlane, TimeProvider time, IIds ids, ILogger<AgentEnrolment> logger)
{
    /// <exception cref="FatalException">The token is missing, wrong or used up: a person has to make a new one.</exception>
    public async Task EnsureAsync(string hostPort, CancellationToken cancellation)
    {
        if (state.Current.SealingKey is null)
        {
            var answer = await EnrolAsync(hostPort, cancellation);
            state.Update(current => current with { SealingKey = answer.SealingKey });
            Log.Enrolled(logger, settings.NodeId.Value);
        }

        // After the state is on disk: if we die between the two, the next start removes it here.
        File.Delete(settings.EnrolmentTokenFile);
    }

    private async Task<EnrolAnswer> EnrolAsync(string hostPort, CancellationToken cancellation)
    {
        if (!File.Exists(settings.EnrolmentTokenFile))
            throw new FatalException($"This node is not enrolled and {settings.EnrolmentTokenFile} does not exist. Put the node's one-time enrolment token there.");
        var token = (await File.ReadAllTextAsync(settings.EnrolmentTokenFile, cancellation)).Trim();
        var request = new EnrolRequest(settings.ProjectId.Value, settings.NodeId.Value, token, identity.PublicKey, hostPort);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30), ids);
        while (true)
        {
            try
            {
                var answer = await controlPlane.EnrolAsync(request, cancellation);
                if (answer.Body is { } enrolled)
                    return enrolled;
                if (answer.Says(HttpStatusCode.Unauthorized))
                    throw new FatalException("The enrolment token is wrong, has expired, or another one was made since. Make a new one: docs/operations/machines.md.");
                if (answer.Says(HttpStatusCode.Conflict))
                    throw new FatalException("The enrolment token was already used with another key. If that was not you, remove the node; else take another node.");
                if (answer.Says(HttpStatusCode.Gone))
                    throw new RemovedException("This node was removed from its cluster before it enrolled. Nothing is left to do for this agent.");
                Log.EnrolmentDelayed(logger, answer.Describe());
            }
            catch (OutageException outage)
            {
                Log.EnrolmentDelayed(logger, outage.Message);
            }

            await Task.Delay(backoff.Next(), time, cancellation);
        }
    }
}

/// <summary>The agent cannot go on until a person does what the message says.</summary>
internal class FatalException(string message) : Exception(message);

/// <summary>The node is no more: nothing is left to do for this agent, however often it is started.</summary>
internal sealed class RemovedException(string message) : FatalException(message);
