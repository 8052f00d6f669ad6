using System.Security.Cryptography;
using Ear.Functions.Http.Requests;
using Ear.Nodes;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Agents;

/// <summary>Who is asking: the signature of an enrolled agent, fresh and used once (spec dataplane §6.2).</summary>
public sealed class AgentGate(INodes nodes, AgentNonces nonces, TimeProvider time)
{
    /// <summary>A report is a few hundred bytes.</summary>
    public const int BodyLimitBytes = 64 * 1024;

    /// <returns>The node and the body that it signed.</returns>
    public async Task<AgentReply<SignedCall>> AdmitAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (await JsonBody.ReadBytesAsync(request, BodyLimitBytes, cancellation) is not { } body)
            return AgentFault.Malformed;
        if (AgentSignature.TryParse(request.Headers.Authorization) is not { } signature || signature.Nonce.Length is < 16 or > 64)
            return AgentFault.Unauthorized;
        if (await nodes.FindAsync(signature.ProjectId, signature.NodeId, cancellation) is not { Document: { AgentKey: { } agentKey } node })
            return AgentFault.Unauthorized;
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(agentKey), out _);
        if (!signature.Verify(key, request.Method, request.Path, body, time.GetUtcNow()))
            return AgentFault.Unauthorized;
        // After the signature: a stranger cannot fill the memory of nonces.
        if (!nonces.IsFirstUse(signature.NodeId, signature.Nonce))
            return AgentFault.Unauthorized;
        return node.Removed ? AgentFault.Removed : new SignedCall(node, body);
    }
}

public sealed record SignedCall(Node Node, byte[] Body);
