using System.Security.Cryptography;
using System.Text;
using Ear.Projects;

namespace Ear.Nodes;

/// <summary>Trades the one-time token for a place in the cluster (spec dataplane §6.2).</summary>
public sealed class NodeEnrolment(INodes nodes, SealingKey sealing, IReportListener listener, TimeProvider time)
{
    private const int MaxTries = 5;

    public async Task<AgentReply<EnrolAnswer>> EnrolAsync(EnrolRequest request, CancellationToken cancellation)
    {
        if (!HexId.TryParse<ProjectId>(request.ProjectId, out var project) || !HexId.TryParse<NodeId>(request.NodeId, out var id))
            return AgentFault.Malformed;
        if (!IsP256(request.PublicKey) || request.HostPort is not { Length: > 2 and <= 300 })
            return AgentFault.Malformed;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await nodes.FindAsync(project, id, cancellation) is not { Document: { } node } stored || !HasToken(node, request.Token))
                return AgentFault.Unauthorized;
            if (node.Removed)
                return AgentFault.Removed;
            // The token stays known after its use, so that a lost answer can be given again, to the same key only.
            if (node.AgentKey is { } key)
                return key == request.PublicKey ? await AnswerAsync(cancellation) : AgentFault.AlreadyUsed;
            if (node.Enrolment!.Expires < time.GetUtcNow())
                return AgentFault.Unauthorized;
            var enrolled = node with { AgentKey = request.PublicKey, HostPort = request.HostPort };
            if (!(await nodes.SaveAsync(enrolled, stored.Version, [], cancellation)).Saved)
                continue;
            await listener.ReportedAsync(node.Cluster, cancellation);
            return await AnswerAsync(cancellation);
        }
        return AgentFault.Unavailable;
    }

    private async Task<EnrolAnswer> AnswerAsync(CancellationToken cancellation) => new(await sealing.PublicKeyAsync(cancellation));

    private static bool HasToken(Node node, string? token)
        => node.Enrolment is { } enrolment && token is not null
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), Convert.FromHexString(enrolment.TokenSha256));

    private static bool IsP256(string? publicKey)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey ?? ""), out _);
            return key.KeySize == 256;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return false;
        }
    }
}
