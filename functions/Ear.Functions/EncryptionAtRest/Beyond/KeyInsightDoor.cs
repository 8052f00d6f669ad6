using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.EncryptionAtRest.Beyond;

/// <summary>
/// What Atlas's API has no place for and its users ask for (spec atlas-ear §4): a dry run, the reason behind <c>valid</c> and its history, and what hangs
/// on a key. Under a path of Ear's own, in plain JSON.
/// </summary>
public sealed class KeyInsightDoor(AtlasDoor door, KeyRehearsal rehearsal, KeyImpact impact, IEvents events)
{
    private const string Path = "ear/v1/groups/{groupId}/encryptionAtRest";

    /// <summary>Project Owner, as the PATCH that it plays.</summary>
    [Function("dryRunGroupEncryptionAtRest")]
    public Task<IActionResult> DryRun([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "/dryRun")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.Unversioned, Role.ProjectOwner, call =>
            call.ReadAsync(EncryptionAtRestBody.Parse)
                .ThenAsync(patch => rehearsal.RehearseAsync(call.Project, patch, call.Cancellation))
                .MapAsync(played => Reply.Ok(DryRunView.Of(played), InsightJson.Default.DryRunView)));

    /// <summary>As last checked: it asks no KMS. Project Read Only.</summary>
    [Function("listGroupEncryptionAtRestVerdicts")]
    public Task<IActionResult> Verdicts([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/verdicts")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.Unversioned, Role.ProjectReadOnly, call => Task.FromResult(Paging.Of(request).Map(paging =>
        {
            var all = call.Project.EncryptionAtRest.Standings.OrderBy(s => s.Key).Select(s => VerdictView.Of(s.Key, s.Value)).ToArray();
            return Reply.List([.. all.Skip(paging.Skip).Take(paging.Size)], InsightJson.Default.VerdictView, call.PageLinks(paging, all.Length), paging.IncludeCount ? all.Length : null);
        })));

    /// <summary>Newest first. Project Read Only.</summary>
    [Function("listGroupEncryptionAtRestVerdictHistory")]
    public Task<IActionResult> History([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/verdictHistory")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.Unversioned, Role.ProjectReadOnly, call => Task.FromResult(Paging.Of(request)).ThenAsync(async paging =>
        {
            var (found, total) = await events.ListAsync(call.Project.Id, PastVerdictView.Filter, paging.Skip, paging.Size, call.Cancellation);
            var page = found.Select(e => PastVerdictView.Of(e.Event)).ToArray();
            return (Outcome<Reply>)Reply.List(page, InsightJson.Default.PastVerdictView, call.PageLinks(paging, total), paging.IncludeCount ? total : null);
        }));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupEncryptionAtRestImpact")]
    public Task<IActionResult> Impact(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{cloudProvider}/impact")] HttpRequest request, string groupId, string cloudProvider)
        => door.InProjectAsync(request, groupId, MediaVersions.Unversioned, Role.ProjectReadOnly, async call =>
            KeyProviders.FromAtlasName(cloudProvider) is { } provider
                ? Reply.Ok(ImpactView.Of(provider, await impact.OfAsync(call.Project.Id, provider, call.Cancellation)), InsightJson.Default.ImpactView)
                : new Problem.InvalidField("cloudProvider", "AWS, AZURE or GCP."));
}
