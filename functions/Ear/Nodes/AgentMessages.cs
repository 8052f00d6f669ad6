namespace Ear.Nodes;

/// <summary>
/// The agent API, all POST, JSON as <see cref="EarJson.Options"/> writes it:
/// <list type="table">
/// <item>/api/agent/v1/enroll: <see cref="EnrolRequest"/> → 200 <see cref="EnrolAnswer"/>; 401 wrong or expired token; 409 token already used with another key (the same key again answers 200: a lost answer).</item>
/// <item>/api/agent/v1/poll (signed): <see cref="PollRequest"/> → 200 <see cref="NodeGoal"/> as soon as it differs from what the agent knows; 204 after at most 50 s; 410 the node was removed: stop and forget.</item>
/// <item>/api/agent/v1/sealing-key (signed): <see cref="SealingKeyRequest"/> → 200 <see cref="EnrolAnswer"/>: asked when a sealed key was called malformed, for the operator may have renewed the control plane's.</item>
/// <item>/api/agent/v1/keys/wrap (signed): <see cref="WrapRequest"/> → 200 <see cref="WrapAnswer"/>, after the wrapped key is durable in the control plane; the same key id with the same key again answers the same.</item>
/// <item>/api/agent/v1/keys/unwrap (signed): <see cref="UnwrapRequest"/> → 200 <see cref="UnwrapAnswer"/>; 404 this node never had such a key; 403 the customer's key is invalid; 503 no answer about the key could be had.</item>
/// <item>/api/agent/v1/keys/return (signed): <see cref="WrapAnswer"/>, as the agent kept it → 200 <see cref="ReturnAnswer"/>, after the wrapped key is durable (again) in a control plane whose state was restored from a copy; 403, 503 as unwrap; 400 it is not a key of this node.</item>
/// </list>
/// Errors: <c>{"errorCode","detail"}</c>. Signature: <see cref="AgentSignature"/>. Sealing: <see cref="SealedBox"/>.
/// </summary>
public static class AgentApi
{
    public const string Enroll = "/api/agent/v1/enroll";
    public const string Poll = "/api/agent/v1/poll";
    public const string SealingKey = "/api/agent/v1/sealing-key";
    public const string Wrap = "/api/agent/v1/keys/wrap";
    public const string Unwrap = "/api/agent/v1/keys/unwrap";
    public const string Return = "/api/agent/v1/keys/return";

    /// <summary>Purpose of the <see cref="SealedBox"/> in which a node master key travels, either way: bound to its node and its id.</summary>
    public static string KeyPurpose(NodeId node, string keyId) => $"node-master-key {node} {keyId}";

    public static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(50);
}

/// <param name="Token">The one-time enrolment token (base64url of 32 random bytes).</param>
/// <param name="PublicKey">base64 of the SubjectPublicKeyInfo of the agent's P-256 key: it verifies signatures and receives sealed keys.</param>
/// <param name="HostPort">Where this node's mongod will listen.</param>
public sealed record EnrolRequest(string ProjectId, string NodeId, string Token, string PublicKey, string HostPort);

/// <param name="SealingKey">base64 of the SubjectPublicKeyInfo of the control plane's P-256 key, to which the agent seals new node master keys.</param>
public sealed record EnrolAnswer(string SealingKey);

public sealed record SealingKeyRequest;

/// <param name="KnownGoal">The goal that the agent already has; 0 for none.</param>
public sealed record PollRequest(NodeReport Report, long KnownGoal);

/// <param name="KeyId">Chosen by the agent: uuid. It becomes mongod's key identifier.</param>
/// <param name="Sealed">JWE of the 32 bytes, to the control plane's sealing key.</param>
public sealed record WrapRequest(string KeyId, string Sealed);

/// <param name="Provider">AWS, AZURE, GCP.</param>
/// <param name="Ciphertext">The wrapped key, for the node's own copy beside its data (spec dataplane §3.5).</param>
public sealed record WrapAnswer(string KeyId, string Provider, string KeyIdentifier, string KeyVersion, string ContextDigest, byte[] Ciphertext);

public sealed record UnwrapRequest(string KeyId);

/// <param name="Sealed">JWE of the 32 bytes, to the agent's key.</param>
public sealed record UnwrapAnswer(string KeyId, string Sealed);

public sealed record ReturnAnswer(string KeyId);
