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
    [Function("answerUnknownPath")]
    public Task<IActionResult> Answer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "patch", "delete", Route = "atlas/v2/{*unknown}")] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.Unversioned, _ => Task.FromResult<Outcome<Reply>>(new Problem.ResourceNotFound(request.Path)));
}
