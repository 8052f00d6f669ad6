using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>The bounds that a project really meets in Ear. They are the code's, so nobody raises them (spec atlas-ear §2.12).</summary>
public sealed class GroupLimitsDoor(AtlasDoor door)
{
    /// <summary>Project Read Only.</summary>
    [Function("listGroupLimits")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "atlas/v2/groups/{groupId}/limits")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => Task.FromResult<Outcome<Reply>>(
            Reply.Ok(Of(call.Project), ProjectJson.Default.IReadOnlyListLimitView)));

    private static IReadOnlyList<LimitView> Of(Project project) =>
    [
        Fixed("ear.project.cloudProviderAccess.roles", RoleChanges.MaxRoles, RoleChanges.Count(project)),
        Fixed("ear.project.tags", ProjectTag.MaxTags, project.Tags.Length),
    ];

    private static LimitView Fixed(string name, int bound, int used) => new(name, bound, used, bound, bound);
}
