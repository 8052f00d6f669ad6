using System.Collections.Immutable;
using Ear.Outcomes;

namespace Ear;

/// <summary>
/// Which versions of a document somebody means who changes it: checked where the document is loaded to be changed, so that nothing can come between.
/// The default is whichever is there.
/// </summary>
public readonly record struct Expected
{
    private readonly ImmutableArray<long> versions;

    private Expected(ImmutableArray<long> versions) => this.versions = versions;

    public static Expected Any => default;

    public static Expected OneOf(params ImmutableArray<long> versions) => new(versions);

    /// <summary>Null: it may be changed.</summary>
    /// <param name="what">What it is, for people.</param>
    public Problem? Refused<T>(Stored<T> stored, string what)
        => versions.IsDefault || versions.Contains(stored.Version) ? null : new Problem.AnotherVersion(what, stored.Version);
}
