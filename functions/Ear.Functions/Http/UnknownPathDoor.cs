using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Http;

/// <summary>
/// Whatever of Atlas's API is not here. Without this door the functions host would answer with an empty body, of which Atlas's clients
/// make "undefined response"; so they get an error that they can read.
/// </summary>
public sealed class UnknownPathDoor(AtlasDoor door)
{
    /// <summary>A Functions host tries routes in the order of the functions' names, and the first that fits wins (ADR-0017): the z keeps this one, which fits them all, behind all others.</summary>
    [Function("zAnswerUnknownPath")]
    public Task<IActionResult> Answer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "patch", "delete", Route = "atlas/v2/{*unknown}")] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.Unversioned, _ => Task.FromResult<Outcome<Reply>>(new Problem.ResourceNotFound(request.Path)));
}
