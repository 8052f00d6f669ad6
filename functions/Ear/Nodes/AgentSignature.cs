using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ear.Projects;

namespace Ear.Nodes;

/// <summary>
/// <c>Authorization: MongoNode {projectId}/{nodeId}; ts={unix seconds}; nonce={base64url}; sig={base64url}</c>, where sig is ES256
/// (P-256, SHA-256, IEEE P1363 form) over the lines method, path, lower-case hexadecimal SHA-256 of the body, ts, nonce. It works
/// where a client certificate does not reach the function (spec dataplane §6.2). Five minutes of clock difference are allowed.
/// </summary>
public sealed record AgentSignature(ProjectId ProjectId, NodeId NodeId, long Timestamp, string Nonce, byte[] Signature)
{
    public const string Scheme = "MongoNode";
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public static string Sign(ECDsa key, ProjectId project, NodeId node, string method, string path, ReadOnlySpan<byte> body, DateTimeOffset now, byte[] nonce)
    {
        var timestamp = now.ToUnixTimeSeconds();
        var nonceText = Base64Url.EncodeToString(nonce);
        var signature = key.SignData(Signed(method, path, body, timestamp, nonceText), HashAlgorithmName.SHA256);
        return $"{Scheme} {project}/{node}; ts={timestamp}; nonce={nonceText}; sig={Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Null when the header is not of this form. Nothing is proven yet: see <see cref="Verify"/>.</summary>
    public static AgentSignature? TryParse(string? header)
    {
        if (header is null || !header.StartsWith(Scheme + " ", StringComparison.Ordinal))
            return null;
        var parts = header[(Scheme.Length + 1)..].Split("; ");
        if (parts.Length != 4 || parts[0].Split('/') is not [var project, var node]
            || !HexId.TryParse<ProjectId>(project, out var projectId) || !HexId.TryParse<NodeId>(node, out var nodeId)
            || !parts[1].StartsWith("ts=", StringComparison.Ordinal) || !parts[2].StartsWith("nonce=", StringComparison.Ordinal) || !parts[3].StartsWith("sig=", StringComparison.Ordinal)
            || !long.TryParse(parts[1].AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var timestamp)
            || !Base64Url.IsValid(parts[3].AsSpan(4)))
            return null;
        return new(projectId, nodeId, timestamp, parts[2][6..], Base64Url.DecodeFromChars(parts[3].AsSpan(4)));
    }

    public bool Verify(ECDsa key, string method, string path, ReadOnlySpan<byte> body, DateTimeOffset now)
        => (now - DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(Timestamp, 0, 253402300799))).Duration() <= Window
            && key.VerifyData(Signed(method, path, body, Timestamp, Nonce), Signature, HashAlgorithmName.SHA256);

    private static byte[] Signed(string method, string path, ReadOnlySpan<byte> body, long timestamp, string nonce)
        => Encoding.UTF8.GetBytes($"{method}\n{path}\n{Convert.ToHexStringLower(SHA256.HashData(body))}\n{timestamp}\n{nonce}");
}
