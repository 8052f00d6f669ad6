using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>What answers here, and as whom it knows the caller. The name is the one that Atlas's clients demand.</summary>
public sealed class SystemStatusDoor(AtlasDoor door, ICredentials credentials)
{
    private static readonly string Build = $"Ear {typeof(SystemStatusDoor).Assembly.GetName().Version}";

    /// <summary>Everybody who is authenticated.</summary>
    [Function("getSystemStatus")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "atlas/v2")] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, async call => Reply.Ok(
            new SystemStatusView(await credentials.FindApiKeyAsync(call.Caller.Name, call.Cancellation) is { } key ? Of(key) : null, "MongoDB Atlas", Build, false, call.Self()),
            ProjectJson.Default.SystemStatusView));

    private static ApiKeyView Of(ApiKey key) => new(
        key.Id(),
        key.PublicKey,
        [],
        [
            .. key.OrgRoles.Select(role => new RoleAssignmentView(role, null, key.OrgId.Value)),
            .. key.ProjectRoles.SelectMany(p => p.Value.Select(role => new RoleAssignmentView(role, p.Key.Value, null))),
        ]);
}
