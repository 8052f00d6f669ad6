using Ear.CustomerKeys;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.EncryptionAtRest;

/// <summary>A project's customer key management (spec atlas-ear §2.1).</summary>
public sealed class EncryptionAtRestDoor(AtlasDoor door, KeyConfiguration configuration, IOnDemandValidation validation, IProjects projects)
{
    private const string Path = "atlas/v2/groups/{groupId}/encryptionAtRest";

    /// <summary>Also "Try Again": it checks the keys now (R36 c, R49). Project Read Only.</summary>
    [Function("getGroupEncryptionAtRest")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, async call =>
            await validation.CheckNowAsync(call.Project.Id, call.Cancellation) is { } project
                ? await AnswerAsync(project, call.Cancellation)
                : new Problem.ProjectNotFound(groupId));

    /// <summary>Project Owner (R10).</summary>
    [Function("updateGroupEncryptionAtRest")]
    public Task<IActionResult> Update([HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path)] HttpRequest request, string groupId, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(EncryptionAtRestBody.Parse)
                .ThenAsync(patch => configuration.ApplyAsync(call.Project.Id, patch, call.Caller.Name, call.Expected, call.Cancellation))
                .ThenAsync(project => AnswerAsync(project, call.Cancellation)));

    /// <summary>With its version, which belongs to what is stored at this moment.</summary>
    private async Task<Outcome<Reply>> AnswerAsync(Project project, CancellationToken cancellation)
    {
        var stored = await projects.FindAsync(project.Id, cancellation) ?? new Stored<Project>(project, 0);
        return Reply.Ok(EncryptionAtRestView.Of(stored.Document.EncryptionAtRest), EncryptionAtRestJson.Default.EncryptionAtRestView) with { Version = stored.Version };
    }
}
