using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>
/// The switches of a project. All are about parts of Atlas that Ear does not have, so all are off, and off is all that they can be set to
/// (spec atlas-ear §2.12).
/// </summary>
public sealed class GroupSettingsDoor(AtlasDoor door)
{
    private const string Path = "atlas/v2/groups/{groupId}/settings";

    private static readonly ImmutableArray<string> Switches =
    [
        "isClusterAiAssistantEnabled",
        "isCollectDatabaseSpecificsStatisticsEnabled",
        "isDataExplorerEnabled",
        "isDataExplorerGenAIFeaturesEnabled",
        "isDataExplorerGenAISampleDocumentPassingEnabled",
        "isDataValidationEnabled",
        "isExtendedStorageSizesEnabled",
        "isNativeRerankingEnabled",
        "isPerformanceAdvisorEnabled",
        "isRealtimePerformancePanelEnabled",
        "isSchemaAdvisorEnabled",
    ];

    /// <summary>Project Read Only.</summary>
    [Function("getGroupSettings")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, _ => Task.FromResult<Outcome<Reply>>(AllOff()));

    /// <summary>Project Owner.</summary>
    [Function("updateGroupSettings")]
    public Task<IActionResult> Update([HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(body => Switches.Where(s => body.Flag(s) is true).ToList())
                .ThenAsync(on => Task.FromResult(on is [var first, ..] ? new Problem.NotRunHere(first, "The part of Atlas that it switches on") : (Outcome<Reply>)AllOff())));

    private static Reply AllOff() => Reply.Ok(new JsonObject(Switches.Select(s => KeyValuePair.Create(s, (JsonNode?)false))), ProjectJson.Default.JsonObject);
}
