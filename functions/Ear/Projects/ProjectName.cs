using System.Text.RegularExpressions;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>What a project may be called: Atlas's characters, and the space that its own "Project 0" has.</summary>
public static partial class ProjectName
{
    /// <summary>Null: it may.</summary>
    public static Problem.InvalidField? Refused(string name)
        => Pattern().IsMatch(name) ? null : new("name", "1 to 64 letters, digits and -_.(),:&@+' .");

    [GeneratedRegex(@"\A[\p{L}\p{N}\-_.(),:&@+' ]{1,64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
