using System.Security.Cryptography;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.Nodes;

/// <summary>
/// Node master keys on their way between agent and customer key. Plain only in the memory of one call, and zeroed at its end (I5);
/// the wrapped key is in the store before an agent is told that it is wrapped, and is never overwritten (I4).
/// </summary>
public sealed class NodeKeys(INodes nodes, IProjects projects, IClusters clusters, IEnumerable<ICustomerKey> providers, SealingKey sealing)
{
    private const int MaxTries = 5;
    private const int KeyBytes = 32;

    public async Task<AgentReply<WrapAnswer>> WrapAsync(ProjectId projectId, NodeId id, WrapRequest request, CancellationToken cancellation)
    {
        if (!Guid.TryParse(request.KeyId, out _) || await OpenAsync(id, request, cancellation) is not { } plaintext)
            return AgentFault.Malformed;
        try
        {
            if (await nodes.FindAsync(projectId, id, cancellation) is not { Document: { Removed: false } node })
                return AgentFault.Removed;
            if (node.MasterKeys.TryGetValue(request.KeyId, out var known))
                return await IsSameAsync(node, known, plaintext, cancellation) is { } fault ? fault : Answer(request.KeyId, known);
            var wrapped = await WrapAsync(node, plaintext, cancellation);
            return wrapped.Value is { } made ? await KeepAsync(node, request.KeyId, made, cancellation) : wrapped.Fault!.Value;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    public async Task<AgentReply<UnwrapAnswer>> UnwrapAsync(ProjectId projectId, NodeId id, UnwrapRequest request, CancellationToken cancellation)
    {
        if (await nodes.FindAsync(projectId, id, cancellation) is not { Document: { Removed: false } node })
            return AgentFault.Removed;
        if (request.KeyId is null || !node.MasterKeys.TryGetValue(request.KeyId, out var wrapped))
            return AgentFault.KeyNotFound;
        var opened = await UnwrapAsync(node, wrapped, cancellation);
        if (opened.Value is not { } plaintext)
            return opened.Fault!.Value;
        try
        {
            var recipient = SealedBox.ImportPublicKey(node.AgentKey!);
            return new UnwrapAnswer(request.KeyId, SealedBox.Seal(plaintext, recipient, AgentApi.KeyPurpose(id, request.KeyId)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>
    /// Takes a wrapped key back that the store lacks, because it was restored from a copy that is older. The customer's key itself proves whose it is: only what was
    /// wrapped for this node opens for it. A key that is known stays as it is (I4).
    /// </summary>
    public async Task<AgentReply<ReturnAnswer>> ReturnAsync(ProjectId projectId, NodeId id, WrapAnswer kept, CancellationToken cancellation)
    {
        if (!Guid.TryParse(kept.KeyId, out _) || KeyProviders.FromAtlasName(kept.Provider ?? "") is not { } provider)
            return AgentFault.Malformed;
        var wrapped = new WrappedKey(provider, kept.KeyIdentifier ?? "", kept.KeyVersion ?? "", kept.ContextDigest ?? "", kept.Ciphertext ?? []);
        if (!WrappedKeyForm.IsMet(wrapped))
            return AgentFault.Malformed;
        if (await nodes.FindAsync(projectId, id, cancellation) is not { Document: { Removed: false } node })
            return AgentFault.Removed;
        if (node.MasterKeys.ContainsKey(kept.KeyId))
            return new ReturnAnswer(kept.KeyId);
        if (wrapped.ContextDigest != Context(node).Digest())
            return AgentFault.Malformed;
        var opened = await UnwrapAsync(node, wrapped, cancellation);
        if (opened.Value is not { } plaintext)
            return opened.Fault!.Value;
        var isKey = plaintext.Length == KeyBytes;
        CryptographicOperations.ZeroMemory(plaintext);
        if (!isKey)
            return AgentFault.Malformed;
        return await KeepAsync(node, kept.KeyId, wrapped, cancellation) is { Fault: { } fault } ? fault : new ReturnAnswer(kept.KeyId);
    }

    private async Task<byte[]?> OpenAsync(NodeId id, WrapRequest request, CancellationToken cancellation)
    {
        using var key = await sealing.LoadAsync(cancellation);
        try
        {
            var plaintext = SealedBox.Open(request.Sealed, key, AgentApi.KeyPurpose(id, request.KeyId));
            if (plaintext.Length == KeyBytes)
                return plaintext;
            CryptographicOperations.ZeroMemory(plaintext);
            return null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // Told twice: the same key gets the same answer, another one under its id is refused.
    private async Task<AgentFault?> IsSameAsync(Node node, WrappedKey known, byte[] plaintext, CancellationToken cancellation)
    {
        var opened = await UnwrapAsync(node, known, cancellation);
        if (opened.Value is not { } kept)
            return opened.Fault;
        var same = CryptographicOperations.FixedTimeEquals(kept, plaintext);
        CryptographicOperations.ZeroMemory(kept);
        return same ? null : AgentFault.AlreadyUsed;
    }

    private async Task<AgentReply<WrappedKey>> WrapAsync(Node node, byte[] plaintext, CancellationToken cancellation)
    {
        var cluster = await clusters.FindAsync(node.ProjectId, node.Cluster.Name, cancellation);
        if ((cluster?.Document.Spec.EncryptionAtRestProvider ?? NodeVerdicts.FilesOf(node, wanted: null)) is not { } provider)
            return AgentFault.Unavailable;
        return await AskAsync(node, provider, (asked, key) => asked.WrapAsync(key, plaintext, Context(node), cancellation), cancellation);
    }

    private Task<AgentReply<byte[]>> UnwrapAsync(Node node, WrappedKey wrapped, CancellationToken cancellation)
        => AskAsync(node, wrapped.Provider, (asked, key) => asked.UnwrapAsync(key, wrapped, Context(node), cancellation), cancellation);

    private async Task<AgentReply<T>> AskAsync<T>(Node node, KeyProvider provider, Func<ICustomerKey, CustomerKey, Task<KeyAnswer<T>>> ask, CancellationToken cancellation)
        where T : class
    {
        var project = (await projects.FindAsync(node.ProjectId, cancellation))?.Document;
        // Shut down: every node of it would ask at each start, and the sweep asks anyway.
        if (project?.EncryptionAtRest.StandingOf(provider) is { ShutDownSince: not null })
            return AgentFault.KeyInvalid;
        if (project?.KeyOf(provider) is not { } key)
            return AgentFault.Unavailable;
        var answer = await ask(providers.First(p => p.Provider == provider), key);
        if (answer.Value is { } value)
            return value;
        return answer.Verdict is KeyVerdict.Invalid ? AgentFault.KeyInvalid : AgentFault.Unavailable;
    }

    private async Task<AgentReply<WrapAnswer>> KeepAsync(Node node, string keyId, WrappedKey made, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await nodes.FindAsync(node.ProjectId, node.Id, cancellation) is not { Document: { Removed: false } current } stored)
                return AgentFault.Removed;
            if (current.MasterKeys.ContainsKey(keyId))
                return AgentFault.Unavailable;
            if ((await nodes.SaveAsync(current with { MasterKeys = current.MasterKeys.Add(keyId, made) }, stored.Version, [], cancellation)).Saved)
                return Answer(keyId, made);
        }
        return AgentFault.Unavailable;
    }

    private static KeyContext Context(Node node) => KeyContext.ForNodeMasterKey(node.ProjectId.Value, node.Id.Value);

    private static WrapAnswer Answer(string keyId, WrappedKey key)
        => new(keyId, key.Provider.AtlasName(), key.KeyIdentifier, key.KeyVersion, key.ContextDigest, key.Ciphertext);
}
