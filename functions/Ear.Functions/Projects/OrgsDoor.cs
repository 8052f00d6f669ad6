using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Projects;

/// <summary>The organisation, of which one Ear has one: its projects' (spec atlas-ear §2.12).</summary>
public sealed class OrgsDoor(AtlasDoor door, ProjectList list, GroupViews views, IOptions<ProjectOptions> options)
{
    private const string Path = "atlas/v2/orgs";

    /// <summary>Everybody: the organisation that the caller has a role in.</summary>
    [Function("listOrgs")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, call => Task.FromResult(Paging.Of(request).Map(paging =>
        {
            var all = call.Caller.IsInOrganization && Query.StartsAsAsked(request, options.Value.OrganizationName) ? new[] { View(call, call.Caller.OrgId) } : [];
            return Reply.List([.. all.Skip(paging.Skip)], ProjectJson.Default.OrgView, call.PageLinks(paging, all.Length, Query.NameFilter(request)), paging.IncludeCount ? all.Length : null);
        })));

    /// <summary>Organization Member, or any role in one of its projects.</summary>
    [Function("getOrg")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{orgId}")] HttpRequest request, string orgId)
        => door.AnswerAsync(request, MediaVersions.First, call => Task.FromResult(Seen(call, orgId).Map(id => Reply.Ok(View(call, id), ProjectJson.Default.OrgView))));

    /// <summary>Nobody.</summary>
    [Function("createOrg")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, call => call.BodyAsync().ThenAsync(_ => Task.FromResult<Outcome<Reply>>(
            new Problem.NotOffered("One Ear has one organization; start another Ear for another one."))));

    /// <summary>Organization Member, or any role in one of its projects: those projects that the caller may read.</summary>
    [Function("getOrgGroups")]
    public Task<IActionResult> Groups([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{orgId}/groups")] HttpRequest request, string orgId)
        => door.AnswerAsync(request, MediaVersions.First, call => Task.FromResult(Seen(call, orgId)).ThenAsync(async id =>
        {
            var all = await list.ReadableByAsync(call.Caller, call.Cancellation);
            return await views.PageAsync(call, [.. all.Where(p => p.OrgId == id && Query.StartsAsAsked(request, p.Name))], Query.NameFilter(request));
        }));

    private static Outcome<OrgId> Seen(AtlasCall call, string text)
    {
        if (!HexId.TryParse<OrgId>(text, out var id) || id != call.Caller.OrgId)
            return new Problem.OrganizationNotFound(text);
        return call.Caller.IsInOrganization ? id : new Problem.RoleMissing(Role.OrganizationMember.Words);
    }

    private OrgView View(AtlasCall call, OrgId id) => new(id.Value, options.Value.OrganizationName, false, false, [new Link(call.Absolute($"/api/{Path}/{id}"), "self")]);
}
