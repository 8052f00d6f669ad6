using System.Collections.Immutable;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>A word that people sort projects by. Never a secret.</summary>
/// <param name="Key">1 to 255 characters, once in a project.</param>
/// <param name="Value">1 to 255 characters.</param>
public sealed record ProjectTag(string Key, string Value)
{
    public const int MaxLength = 255;

    /// <summary>In a project, as Atlas bounds it.</summary>
    public const int MaxTags = 50;

    /// <summary>Null: a project may have these.</summary>
    public static Problem.InvalidField? Refused(ImmutableArray<ProjectTag> tags)
    {
        if (tags.Length > MaxTags)
            return new("tags", $"At most {MaxTags}.");
        if (tags.Any(t => t.Key.Length is 0 or > MaxLength || t.Value.Length is 0 or > MaxLength))
            return new("tags", $"Keys and values have 1 to {MaxLength} characters.");
        return tags.Select(t => t.Key).Distinct(StringComparer.Ordinal).Count() < tags.Length ? new("tags", "A key is given once.") : null;
    }
}
