namespace Ear;

/// <summary>A document as the store holds it. <paramref name="Version"/> is 0 for a document that does not exist yet.</summary>
public sealed record Stored<T>(T Document, long Version);

/// <summary>What became of a save: the new version, or that somebody else saved first (load again and decide again).</summary>
public readonly record struct SaveResult(bool Saved, long Version)
{
    public static SaveResult Conflict { get; } = new(false, 0);

    public static SaveResult As(long version) => new(true, version);
}

/// <summary>One page of a listing; a null continuation ends it.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Continuation);
