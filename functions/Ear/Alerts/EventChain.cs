using System.Security.Cryptography;
using System.Text.Json;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>
/// How a project's events are chained (I11): hash = SHA-256(previous hash ‖ canonical bytes), lower-case hexadecimal; the canonical bytes are
/// the event's JSON (<see cref="EarJson"/>, UTF-8) as it is stored; the first event follows <see cref="Genesis"/>. Sequences start at 1, without gaps.
/// </summary>
public static class EventChain
{
    /// <summary>What the first event of a project follows: 64 zeros.</summary>
    public static string Genesis { get; } = new('0', 64);

    public static byte[] CanonicalBytes(ProjectEvent @event) => JsonSerializer.SerializeToUtf8Bytes(@event, EarJson.Options);

    public static string Hash(string previousHash, ReadOnlySpan<byte> canonicalBytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(previousHash));
        hash.AppendData(canonicalBytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <param name="Events">How many events the chain holds.</param>
/// <param name="Fault">What is wrong and where, for people; null when the chain is intact.</param>
public sealed record ChainCheck(long Events, string? Fault)
{
    public bool IsIntact => Fault is null;
}

/// <summary>Proves that no event of a project was changed, removed or added behind Ear's back (I11).</summary>
public interface IAuditTrail
{
    /// <summary>Reads the whole chain; the time grows with it.</summary>
    Task<ChainCheck> VerifyAsync(ProjectId project, CancellationToken cancellation);
}
