using System.Text.Json.Serialization;
using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Clusters;

/// <summary>Why the processes of a cluster are stopped by Ear.</summary>
public enum StopReason
{
    KeyInvalid,
    Deleted,
    Paused,
}

/// <summary>
/// The planner's whole vocabulary (design §2): the one thing to do now for a cluster. Moves travel through orchestration
/// histories, so they carry names and numbers only.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "move")]
[JsonDerivedType(typeof(StartProcesses), "startProcesses")]
[JsonDerivedType(typeof(StopProcesses), "stopProcesses")]
[JsonDerivedType(typeof(ResyncNode), "resyncNode")]
[JsonDerivedType(typeof(StepDownPrimary), "stepDownPrimary")]
[JsonDerivedType(typeof(AddNode), "addNode")]
[JsonDerivedType(typeof(RemoveNode), "removeNode")]
[JsonDerivedType(typeof(ResizeNode), "resizeNode")]
[JsonDerivedType(typeof(Wait), "wait")]
[JsonDerivedType(typeof(Done), "done")]
public abstract record Move
{
    private Move()
    {
    }

    /// <summary>Start everything that is stopped. While all is down a new instance size costs nothing, so it is applied too.</summary>
    public sealed record StartProcesses : Move;

    /// <summary>Stop everything: secondaries first, then the primary, so that the last write is as widely replicated as it can be.</summary>
    public sealed record StopProcesses(StopReason Why) : Move;

    /// <summary>Take this member out, and back in with data files written anew.</summary>
    /// <param name="Encryption">Whose key encrypts the new files; null: none.</param>
    public sealed record ResyncNode(NodeId Node, KeyProvider? Encryption) : Move;

    /// <summary>Let another member be elected, never by force.</summary>
    public sealed record StepDownPrimary(NodeId Node) : Move;

    /// <summary>See that the member with this index exists, runs, and belongs to the replica set: whichever of these is next.</summary>
    public sealed record AddNode(int Index) : Move;

    public sealed record RemoveNode(NodeId Node) : Move;

    /// <summary>Restart this member with the wanted instance size.</summary>
    public sealed record ResizeNode(NodeId Node) : Move;

    /// <summary>Nothing may be done now. Look again when something is reported, at the latest after <paramref name="AtMost"/>.</summary>
    /// <param name="Why">One sentence for people.</param>
    public sealed record Wait(TimeSpan AtMost, string Why) : Move;

    /// <summary>Everything is as wanted.</summary>
    public sealed record Done : Move;
}

/// <summary>What an activity returns: a polymorphic value needs a declared type around it to keep its discriminator.</summary>
public sealed record NextMove(Move Move);
