using Ear.Functions.Http.Access;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Http;

/// <summary>
/// What every door of the Atlas API does before and after its own work: authenticate, take a token of the caller's rate, find the
/// project, authorise, resolve the version; then write the answer or the refusal.
/// </summary>
public sealed class AtlasDoor(Authenticator authenticator, RequestRates rates, Idempotency idempotency, IProjects projects, IOptions<DoorOptions> options)
{
    /// <param name="demanded">Who may: said at each door.</param>
    public Task<IActionResult> InProjectAsync(
        HttpRequest request, string groupId, MediaVersions versions, Role demanded, Func<ProjectCall, Task<Outcome<Reply>>> answer)
        => AuthenticatedAsync(request, versions, async call =>
        {
            if (!HexId.TryParse<ProjectId>(groupId, out var id))
                return new Problem.InvalidProjectId(groupId);
            if (await projects.FindAsync(id, call.Cancellation) is not { Document: var project })
                return new Problem.ProjectNotFound(groupId);
            if (call.Caller.Refused(project, demanded) is { } refused)
                return refused;
            return call.Terms.Problem is { } unacceptable ? unacceptable : await answer(new ProjectCall(call, project));
        });

    /// <summary>For doors outside any project; they authorise by themselves.</summary>
    public Task<IActionResult> AnswerAsync(HttpRequest request, MediaVersions versions, Func<AtlasCall, Task<Outcome<Reply>>> answer)
        => AuthenticatedAsync(request, versions, async call => call.Terms.Problem is { } unacceptable ? unacceptable : await answer(call));

    /// <summary>For doors that anybody may use: nobody is asked who they are.</summary>
    public static IActionResult ToAnybody(HttpRequest request, MediaVersions versions, Func<Outcome<Reply>> answer)
    {
        var form = AnswerForm.Of(request, versions);
        return form.Then(_ => answer()).IsOk(out var reply, out var problem) ? new AtlasResult(reply, form.Value) : ErrorResult.Of(problem);
    }

    private async Task<IActionResult> AuthenticatedAsync(HttpRequest request, MediaVersions versions, Func<AtlasCall, Task<Outcome<Reply>>> answer)
    {
        var cancellation = request.HttpContext.RequestAborted;
        if (!(await authenticator.AuthenticateAsync(request, cancellation)).IsOk(out var caller, out var refused)
            || (refused = rates.Refused(caller.Name, request.HttpContext.Response.Headers)) is not null)
        {
            await JsonBody.DrainAsync(request, options.Value.BodyLimitBytes, cancellation);
            return ErrorResult.Of(refused);
        }
        var terms = await TermsAsync(request, caller, versions, cancellation);
        if ((await answer(new AtlasCall(request, caller, versions, terms, options.Value))).IsOk(out var reply, out var problem))
            return new AtlasResult(reply, terms.Value.Form);
        if (terms.IsOk(out var met, out _))
            met.Intent.Withdraw();
        return ErrorResult.Of(problem);
    }

    private async Task<Outcome<CallTerms>> TermsAsync(HttpRequest request, Caller caller, MediaVersions versions, CancellationToken cancellation)
    {
        var intent = await idempotency.IntentOfAsync(request, caller, cancellation);
        return AnswerForm.Of(request, versions).Then(form => IfMatch.Of(request).Then(expected => intent.Map(meant => new CallTerms(form, expected, meant))));
    }
}
