using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Ear.CustomerKeys;

/// <summary>
/// What a wrapped key is bound to: a small map that AWS takes as its encryption context, Google as additional authenticated
/// data, and that Key Vault, which has none, gets as a digest inside the payload (spec kms §1). Logged by the provider in clear:
/// ids only, never a secret.
/// </summary>
public sealed record KeyContext
{
    private readonly string purpose;
    private readonly string projectId;
    private readonly string? nodeId;

    private KeyContext(string purpose, string projectId, string? nodeId) => (this.purpose, this.projectId, this.nodeId) = (purpose, projectId, nodeId);

    /// <summary>Whose key it is: 24 hexadecimal characters.</summary>
    public string ProjectId => projectId;

    /// <summary>Sorted by ordinal key order. Made when a provider asks.</summary>
    public ImmutableSortedDictionary<string, string> Entries => field ??= Make();

    public static KeyContext Of(string purpose, string projectId, string? nodeId = null) => new(purpose, projectId, nodeId);

    private ImmutableSortedDictionary<string, string> Make()
    {
        var entries = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        entries["ear:purpose"] = purpose;
        entries["ear:projectId"] = projectId;
        if (nodeId is not null)
            entries["ear:nodeId"] = nodeId;
        return entries.ToImmutable();
    }

    public static KeyContext ForCanary(string projectId) => Of("canary", projectId);

    public static KeyContext ForNodeMasterKey(string projectId, string nodeId) => Of("node-master-key", projectId, nodeId);

    /// <summary>Entries in order, each key and value with a 4-byte big-endian length before its UTF-8 bytes.</summary>
    public byte[] Canonical()
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var text in Entries.SelectMany(e => new[] { e.Key, e.Value }))
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32BigEndian(length, utf8.Length);
            bytes.Write(length);
            bytes.Write(utf8);
        }
        return bytes.ToArray();
    }

    /// <summary>SHA-256 of <see cref="Canonical"/>, lower-case hexadecimal.</summary>
    public string Digest() => Convert.ToHexStringLower(SHA256.HashData(Canonical()));

    public bool Equals(KeyContext? other) => other is not null && Entries.SequenceEqual(other.Entries);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Digest());
}
