using System.Text.Json;
using Ear.Outcomes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Ear.Functions.Http.Answers;

/// <summary>Atlas's error body (spec atlas-ear §2.0.3); never in an envelope, so that no client takes it for an answer.</summary>
internal sealed class ErrorResult(ErrorAnswer error) : IActionResult
{
    public static ErrorResult Of(Problem problem) => new(ProblemAnswers.Of(problem));

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        if (error.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString();
        await JsonSerializer.SerializeAsync(response.Body, ErrorView.Of(error), AnswerJson.Default.ErrorView, context.HttpContext.RequestAborted);
    }
}

/// <param name="Detail">A sentence that says what to do.</param>
/// <param name="Parameters">The values in the sentence, for machines: texts, or lists of texts.</param>
internal sealed record ErrorAnswer(int Status, string Code, string Detail, params IReadOnlyList<object> Parameters)
{
    public IReadOnlyList<FieldFault>? Fields { get; init; }

    public TimeSpan? RetryAfter { get; init; }
}

internal sealed record ErrorView(int Error, string ErrorCode, string Reason, string Detail, IReadOnlyList<object> Parameters, BadRequestDetail? BadRequestDetail)
{
    public static ErrorView Of(ErrorAnswer error) => new(
        error.Status, error.Code, ReasonPhrases.GetReasonPhrase(error.Status), error.Detail, error.Parameters,
        error.Fields is { Count: > 0 } fields ? new BadRequestDetail(fields) : null);
}

internal sealed record BadRequestDetail(IReadOnlyList<FieldFault> Fields);
