using System.Collections.Immutable;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>The roles in a project that somebody gives to a credential.</summary>
public static class GivenRoles
{
    /// <summary>Known ones, at least one, and none that the giver does not have.</summary>
    public static Outcome<ImmutableArray<string>> Of(ImmutableArray<string> names, Caller giver, Project project)
    {
        if (names.IsEmpty)
            return new Problem.InvalidField("roles", "At least one role.");
        foreach (var name in names)
        {
            if (Role.OfProjects.FirstOrDefault(r => r.AtlasName == name) is not { } role)
                return new Problem.InvalidField("roles", $"{name} is no role of a project here: {string.Join(", ", Role.OfProjects.Select(r => r.AtlasName))}.");
            if (giver.Refused(project, role) is { } refused)
                return refused;
        }
        return names.Distinct(StringComparer.Ordinal).ToImmutableArray();
    }
}
