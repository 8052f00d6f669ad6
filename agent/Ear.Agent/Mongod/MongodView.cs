using System.Collections.Immutable;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Mongod;

/// <summary>What one server says of itself and of its replica set.</summary>
internal sealed record MongodView(bool Up, MemberRole Role)
{
    public static MongodView Down { get; } = new(false, MemberRole.Down);

    public int? ProcessId { get; init; }

    public string? Version { get; init; }

    public ImmutableArray<string> Modules { get; init; } = [];

    public ImmutableArray<MemberView> Members { get; init; } = [];

    public int? SyncPercent { get; init; }

    /// <summary>Null when the server does not say.</summary>
    public bool? Encrypted { get; init; }

    public string? KeyId { get; init; }

    public MemberView? Self => Members.FirstOrDefault(member => member.Self);

    public MemberView? Primary => Members.FirstOrDefault(member => member.Role == MemberRole.Primary);

    /// <summary>Seconds behind the primary; null where not known.</summary>
    public double? LagOf(MemberView member) =>
        Primary?.OpTime is { } head && member.OpTime is { } at ? Math.Max(0, (head - at).TotalSeconds) : null;

    /// <param name="hello">Answer of <c>hello</c>.</param>
    /// <param name="status">Answer of <c>replSetGetStatus</c> with initialSync; null when the server belongs to no set.</param>
    /// <param name="server">Answer of <c>serverStatus</c>.</param>
    /// <param name="build">Answer of <c>buildInfo</c>.</param>
    public static MongodView From(BsonDocument hello, BsonDocument? status, BsonDocument server, BsonDocument build)
    {
        var encryption = server.GetValue("encryptionAtRest", BsonNull.Value) as BsonDocument;
        var keyId = encryption?.GetValue("encryptionKeyId", BsonNull.Value);
        return new MongodView(true, status is null ? RoleWithoutStatus(hello) : RoleOf(status.GetValue("myState", 6).ToInt32()))
        {
            ProcessId = server.TryGetValue("pid", out var pid) ? (int)pid.ToInt64() : null,
            Version = server.GetValue("version", BsonNull.Value) as BsonString is { } version ? version.Value : null,
            Modules = build.GetValue("modules", BsonNull.Value) is BsonArray modules ? [.. modules.Select(module => module.ToString()!)] : [],
            Members = status?.GetValue("members", BsonNull.Value) is BsonArray members ? [.. members.OfType<BsonDocument>().Select(MemberView.From)] : [],
            SyncPercent = SyncOf(status),
            Encrypted = encryption?.GetValue("encryptionEnabled", false).ToBoolean(),
            KeyId = keyId is BsonString { Value.Length: > 0 } text ? text.Value : null,
        };
    }

    internal static MemberRole RoleOf(int state) => state switch
    {
        1 => MemberRole.Primary,
        2 => MemberRole.Secondary,
        3 => MemberRole.Recovering,
        5 => MemberRole.Startup2,
        8 => MemberRole.Down,
        9 => MemberRole.Rollback,
        _ => MemberRole.Other,
    };

    private static MemberRole RoleWithoutStatus(BsonDocument hello) =>
        hello.GetValue("setName", BsonNull.Value).IsString ? MemberRole.Other : MemberRole.NoSet;

    private static int? SyncOf(BsonDocument? status)
    {
        if (status?.GetValue("initialSyncStatus", BsonNull.Value) is not BsonDocument sync
            || !sync.TryGetValue("approxTotalDataSize", out var total) || !sync.TryGetValue("approxTotalBytesCopied", out var copied))
            return null;
        return total.ToDouble() <= 0 ? null : (int)Math.Clamp(copied.ToDouble() / total.ToDouble() * 100, 0, 100);
    }
}

/// <param name="Host">host:port.</param>
internal sealed record MemberView(string Host, MemberRole Role, bool Healthy, bool Self, DateTime? OpTime)
{
    public static MemberView From(BsonDocument member) => new(
        member["name"].AsString,
        MongodView.RoleOf(member.GetValue("state", 6).ToInt32()),
        member.GetValue("health", 0).ToDouble() > 0,
        member.GetValue("self", false).ToBoolean(),
        member.GetValue("optimeDate", BsonNull.Value) is BsonDateTime time ? time.ToUniversalTime() : null);
}
