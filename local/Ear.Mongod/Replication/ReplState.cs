using Ear.Mongod.Encryption;
using Ear.Mongod.Storage;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Ear.Mongod.Replication;

/// <summary>What a member must still know after a crash. On disk before anybody is told anything that follows from it.</summary>
internal sealed record ReplState
{
    public ReplConfig? Config { get; init; }

    /// <summary>This member's address in <see cref="Config"/>.</summary>
    public string? Me { get; init; }

    public long Term { get; init; }

    /// <summary>Member _id that has this member's vote in <see cref="Term"/>; -1 none.</summary>
    public int VotedFor { get; init; } = -1;

    /// <summary>
    /// False: the files were emptied (or are new), so earlier votes and acknowledged writes are forgotten. Such a member neither votes nor stands
    /// until a majority of the others has told it their terms and how far their history goes.
    /// </summary>
    public bool Learnt { get; init; }

    /// <summary>The data must be copied from the primary before they count.</summary>
    public bool NeedsInitialSync { get; init; } = true;

    /// <summary>This member may once have acknowledged history up to here, though it no longer has it: nobody with less gets its vote.</summary>
    public OpTime Floor { get; init; } = OpTime.None;

    public static ReplState Load(string dbPath, IRecordCipher cipher)
    {
        var path = PathOf(dbPath);
        if (!File.Exists(path)) return new ReplState();
        var d = BsonSerializer.Deserialize<BsonDocument>(cipher.Open(File.ReadAllBytes(path), Place));
        return new ReplState
        {
            Config = d["config"] is BsonDocument config ? ReplConfig.From(config) : null,
            Me = d["me"].IsString ? d["me"].AsString : null,
            Term = d["term"].AsInt64,
            VotedFor = d["votedFor"].AsInt32,
            Learnt = d["learnt"].AsBoolean,
            NeedsInitialSync = d["needsInitialSync"].AsBoolean,
            Floor = OpTime.From(d["floor"]),
        };
    }

    public void Save(string dbPath, IRecordCipher cipher)
    {
        var d = new BsonDocument
        {
            ["config"] = Config is null ? BsonNull.Value : Config.ToBson(),
            ["me"] = Me is null ? BsonNull.Value : Me,
            ["term"] = Term,
            ["votedFor"] = VotedFor,
            ["learnt"] = Learnt,
            ["needsInitialSync"] = NeedsInitialSync,
            ["floor"] = Floor.ToBson(),
        };
        AtomicFile.Write(PathOf(dbPath), cipher.Seal(d.ToBson(), Place));
    }

    private static string PathOf(string dbPath) => Path.Combine(dbPath, "replset");

    private static ReadOnlySpan<byte> Place => "replset"u8;
}
