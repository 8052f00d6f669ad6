using Ear.Alerts;

namespace Ear.Projects;

/// <summary>The projects. A save is one atomic write of the document and of the events to announce, in the project's partition (I8).</summary>
public interface IProjects
{
    Task<Stored<Project>?> FindAsync(ProjectId id, CancellationToken cancellation);

    /// <summary>By its name, which is one project's in an organisation.</summary>
    Task<Stored<Project>?> FindAsync(OrgId organisation, string name, CancellationToken cancellation);

    /// <summary>All projects in pages, in the ordinal order of their ids; a continuation is the id after which the next page begins. The sweep walks it. Projects saved meanwhile may or may not be seen.</summary>
    Task<Page<Project>> PageAsync(string? continuation, int size, CancellationToken cancellation);

    /// <summary>Where the page after this one begins, without reading it; null when there is none.</summary>
    Task<string?> NextPageAsync(string? continuation, int size, CancellationToken cancellation);

    /// <summary>Conflicts also when another project of the organisation has the name.</summary>
    /// <param name="expectedVersion">The version that was loaded; 0 to create.</param>
    Task<SaveResult> SaveAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);

    /// <summary>Whoever still holds the project can save it no more. Its events stay.</summary>
    Task<SaveResult> DeleteAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);
}
