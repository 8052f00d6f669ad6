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

/// <summary>The backup compliance policy of a project (spec atlas-ear §2.8). Its two versions differ only in that the older one demands no names.</summary>
public sealed class BackupComplianceDoor(AtlasDoor door, BackupCompliancePolicies policies)
{
    private const string Path = "atlas/v2/groups/{groupId}/backupCompliancePolicy";
    // Its name comes before getGroupByName's, so a Functions host would take a project of the name "backupCompliancePolicy" for this policy of the project "byName" (ADR-0017).
    private const string NotByName = "atlas/v2/groups/{groupId:minlength(7)}/backupCompliancePolicy";
    private static readonly DateOnly NamesDemanded = new(2023, 10, 1);
    private static readonly MediaVersions Versions = new MediaVersions("2023-10-01").Deprecated("2023-01-01", sunset: "2027-07-01");
    private static readonly MediaVersions Disabling = new("2024-11-13");

    /// <summary>Project Owner. Without a policy an object without fields, by which Atlas's operator knows that there is none.</summary>
    [Function("getGroupBackupCompliancePolicy")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = NotByName)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call => Task.FromResult<Outcome<Reply>>(
            call.Project.BackupCompliance is null ? Reply.Ok(new JsonObject(), ProjectJson.Default.JsonObject) : Answer(call.Project)));

    /// <summary>Project Owner.</summary>
    [Function("updateGroupBackupCompliancePolicy")]
    public Task<IActionResult> Update([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call =>
            Task.FromResult(Query.Flag(request, "overwriteBackupPolicies", true))
                .ThenAsync(_ => call.ReadAsync(BackupComplianceBody.Parse))
                .ThenAsync(body => Task.FromResult(body.Complete(call.Project.Id, call.Form.Value.Version.Date >= NamesDemanded).Map(authorized => (body, authorized))))
                .ThenAsync(asked => policies.PutAsync(call.Project.Id, asked.authorized, asked.body.EncryptionAtRest, call.Caller.Name, call.Cancellation))
                .MapAsync(Answer));

    /// <summary>Project Owner.</summary>
    [Function("disableGroupBackupCompliancePolicy")]
    public Task<IActionResult> Disable([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, Disabling, Role.ProjectOwner, call =>
            policies.DisableAsync(call.Project.Id, call.Caller.Name, call.Cancellation).MapAsync(_ => Reply.Nothing()));

    private static Reply Answer(Project project) => Reply.Ok(BackupComplianceView.Of(project.Id, project.BackupCompliance!), ProjectJson.Default.BackupComplianceView);
}
