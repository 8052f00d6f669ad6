using System.Collections.Immutable;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>What API keys and service accounts have in common.</summary>
public interface ICredential<TSelf>
    where TSelf : class, ICredential<TSelf>
{
    /// <summary>Public key or client id: by it they are found, and named as the actor of events.</summary>
    string PublicPart { get; }

    /// <summary>Projects in which it has a role, and which.</summary>
    ImmutableDictionary<ProjectId, ImmutableArray<string>> ProjectRoles { get; }

    ImmutableArray<string> OrgRoles { get; }

    TSelf With(ImmutableDictionary<ProjectId, ImmutableArray<string>> projectRoles);

    /// <summary>Whether somebody can still authenticate with it.</summary>
    bool CanSignIn(DateTimeOffset now);

    /// <summary>The refusal of one more than a project may have.</summary>
    static abstract Problem TooMany(int most);
}
