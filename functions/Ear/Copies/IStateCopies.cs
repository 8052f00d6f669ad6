using System.Collections.Immutable;

namespace Ear.Copies;

/// <summary>
/// Copies Ear's own state, part by part, to a place where Ear can add and neither change nor delete. Only a copy with a manifest is one, and that is written last.
/// A part that is copied again after its answer was lost lies there twice; the manifest names one of the two.
/// </summary>
public interface IStateCopies
{
    /// <summary>Whether there is a place for copies.</summary>
    bool IsOn { get; }

    /// <summary>What can be copied side by side, and what has to come after all of it.</summary>
    Task<CopyPlan> PlanAsync(CancellationToken cancellation);

    /// <summary>Copies as much of a lane as one step may hold.</summary>
    Task<CopiedPart> CopyAsync(CopyStep step, CancellationToken cancellation);

    /// <summary>Writes the manifest, and notes that this is the newest copy.</summary>
    Task FinishAsync(WholeCopy copy, CancellationToken cancellation);

    /// <summary>When the newest whole copy was begun; before the first, since when there has been a place for copies. Null: there is none.</summary>
    Task<DateTimeOffset?> NewestAsync(CancellationToken cancellation);
}

/// <summary>Which table of the state.</summary>
public enum CopyTable
{
    Documents,
    Index,
}

/// <summary>A range of partitions of a table.</summary>
/// <param name="Name">Unique in a copy; part of the names of its blobs.</param>
/// <param name="From">The first partition; null: from the beginning.</param>
/// <param name="To">The first partition that is not in it; null: to the end.</param>
public sealed record CopyLane(string Name, CopyTable Table, string? From, string? To)
{
    /// <summary>Only rows that begin so; null: all.</summary>
    public string? Rows { get; init; }
}

/// <param name="Lanes">In any order, side by side.</param>
/// <param name="Last">After all of them: keys that what was copied before may name. Such keys are added and never changed, so one that is named is there.</param>
public sealed record CopyPlan(ImmutableArray<CopyLane> Lanes, CopyLane Last);

/// <param name="Copy">Its name, <c>yyyy-MM-ddTHHmmssZ</c>.</param>
/// <param name="Number">Of the part in its lane, from 0.</param>
/// <param name="After">The last row of the part before; null for the first.</param>
public sealed record CopyStep(string Copy, CopyLane Lane, int Number, RowPlace? After);

public sealed record RowPlace(string Partition, string Row);

/// <param name="Blob">Its name within the copy.</param>
/// <param name="Bytes">As it lies there, compressed.</param>
/// <param name="Sha256">Of these bytes, lower-case hexadecimal.</param>
/// <param name="Damaged">Rows whose large content was not what the row says, and which were copied without it.</param>
/// <param name="Next">Where the lane goes on; null at its end.</param>
public sealed record CopiedPart(string Blob, CopyTable Table, long Rows, long Bytes, string Sha256, int Damaged, RowPlace? Next);

public sealed record WholeCopy(string Copy, DateTimeOffset Began, DateTimeOffset Ended, ImmutableArray<CopiedPart> Parts);

/// <summary>For a store that is one folder on one machine: it is copied with the folder.</summary>
public sealed class NoStateCopies : IStateCopies
{
    public bool IsOn => false;

    public Task<CopyPlan> PlanAsync(CancellationToken cancellation) => throw Off();

    public Task<CopiedPart> CopyAsync(CopyStep step, CancellationToken cancellation) => throw Off();

    public Task FinishAsync(WholeCopy copy, CancellationToken cancellation) => throw Off();

    public Task<DateTimeOffset?> NewestAsync(CancellationToken cancellation) => Task.FromResult<DateTimeOffset?>(null);

    private static InvalidOperationException Off() => new("This Ear has no place for copies of its state.");
}
