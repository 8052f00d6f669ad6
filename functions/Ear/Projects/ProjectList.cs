namespace Ear.Projects;

/// <summary>The projects that somebody may read.</summary>
public sealed class ProjectList(IProjects projects)
{
    private const int PageSize = 200;

    /// <returns>By id, ascending.</returns>
    public async Task<IReadOnlyList<Project>> ReadableByAsync(Caller caller, CancellationToken cancellation)
    {
        var found = new SortedDictionary<string, Project>(StringComparer.Ordinal);
        foreach (var id in caller.ProjectRoles.Keys)
        {
            if (await projects.FindAsync(id, cancellation) is { Document: var project })
                found[project.Id.Value] = project;
        }
        if (caller.ReadsOrganization(caller.OrgId))
        {
            await foreach (var project in AllAsync(cancellation))
            {
                if (project.OrgId == caller.OrgId)
                    found[project.Id.Value] = project;
            }
        }
        return [.. found.Values];
    }

    /// <returns>Null: there is none of that name, or none that the caller may read.</returns>
    public async Task<Project?> FindReadableAsync(Caller caller, string name, CancellationToken cancellation)
        => await projects.FindAsync(caller.OrgId, name, cancellation) is { Document: var project } && caller.Refused(project, Role.ProjectReadOnly) is null ? project : null;

    private async IAsyncEnumerable<Project> AllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        string? continuation = null;
        do
        {
            var page = await projects.PageAsync(continuation, PageSize, cancellation);
            foreach (var project in page.Items)
                yield return project;
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }
}
