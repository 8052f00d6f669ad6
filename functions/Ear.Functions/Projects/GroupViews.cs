using Ear.Clusters;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Functions.Projects;

/// <summary>How projects are shown, alone and in pages.</summary>
public sealed class GroupViews(IClusters clusters)
{
    internal async Task<Outcome<Reply>> OneAsync(AtlasCall call, Project project) => Reply.Ok(await ViewAsync(call, project), ProjectJson.Default.GroupView);

    /// <param name="filters">As they go on in the links of the page.</param>
    internal Task<Outcome<Reply>> PageAsync(AtlasCall call, IReadOnlyList<Project> all, string filters = "")
        => Task.FromResult(Paging.Of(call.Request)).ThenAsync(async paging =>
        {
            var page = new List<GroupView>();
            foreach (var project in all.Skip(paging.Skip).Take(paging.Size))
                page.Add(await ViewAsync(call, project));
            return (Outcome<Reply>)Reply.List(page, ProjectJson.Default.GroupView, call.PageLinks(paging, all.Count, filters), paging.IncludeCount ? all.Count : null);
        });

    private async Task<GroupView> ViewAsync(AtlasCall call, Project project) => new(
        project.Id.Value,
        project.OrgId.Value,
        project.Name,
        AtlasTime.Format(project.Created),
        (await clusters.ListAsync(project.Id, call.Cancellation)).Count,
        [.. project.Tags.Select(t => new TagView(t.Key, t.Value))],
        [new Link(call.Absolute($"/api/{GroupsDoor.Path}/{project.Id}"), "self")]);
}
