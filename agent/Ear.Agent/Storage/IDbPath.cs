using Ear.Nodes;

namespace Ear.Agent.Storage;

/// <summary>The folder that holds mongod's data, and the rule that nothing is moved or deleted unless a marker says it is this node's.</summary>
internal interface IDbPath
{
    /// <summary>Null when there is no folder, or one without a marker.</summary>
    DbMarker? Marker { get; }

    /// <summary>True when there are files but no marker: somebody else's data, never touched.</summary>
    bool IsForeign { get; }

    /// <summary>Null while the folder does not exist, or when it changed while it was summed up.</summary>
    DiskSpace? Space { get; }

    /// <summary>True when the files say that they are encrypted, for servers that do not (spec dataplane §1.1).</summary>
    bool HasKeystore { get; }

    /// <summary>Creates the folder if need be, and writes or replaces its marker.</summary>
    void Mark(DbMarker marker);

    /// <summary>The data goes to <c>db.old-opId</c>, a fresh folder with <paramref name="fresh"/> takes its place. Told twice is told once.</summary>
    void MoveAside(string opId, DbMarker fresh);

    /// <summary>True while the data of <paramref name="opId"/> lies aside.</summary>
    bool IsAside(string opId);

    /// <summary>Undoes <see cref="MoveAside"/>; what the fresh folder holds is deleted. Told twice is told once.</summary>
    void MoveBack(string opId);

    /// <summary>Deletes what <see cref="MoveAside"/> kept. Told twice is told once.</summary>
    void DeleteAside(string opId);
}

/// <summary>In bytes.</summary>
/// <param name="Free">Of the disk, for this process.</param>
/// <param name="Total">The disk.</param>
/// <param name="Used">By the data.</param>
internal sealed record DiskSpace(long Free, long Total, long Used);

/// <summary><c>ear-node.json</c> in the dbPath; it travels with the data.</summary>
/// <param name="NodeId">Whose data this is.</param>
/// <param name="Encryption">How it was created: fixed for the life of a dbPath (spec dataplane §1.3).</param>
/// <param name="KeyId">The node master key it opens with, once known.</param>
/// <param name="Started">True once mongod has been seen up on it: from then on it remembers its key id itself.</param>
internal sealed record DbMarker(string NodeId, EncryptionMode Encryption, string? KeyId, bool Started);
