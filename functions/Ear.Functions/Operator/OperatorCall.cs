using System.Text.Json;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Ear.Functions.Operator;

/// <summary>
/// What the operator's doors have in common. Who calls has shown one of the host's keys before a function runs: the host sees to that
/// (ADR-0014). Answers may hold secrets, and are kept by nobody on the way.
/// </summary>
internal static class OperatorCall
{
    public const string Path = "operator/v1/";

    /// <summary>A machine's name or a few addresses.</summary>
    private const int BodyLimitBytes = 16 * 1024;

    public static async Task<IActionResult> AnswerAsync<T>(HttpRequest request, Func<CancellationToken, Task<Outcome<T>>> answer)
        where T : class
    {
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return (await answer(request.HttpContext.RequestAborted)).IsOk(out var value, out var problem) ? ResultOf(value) : ErrorResult.Of(problem);
    }

    public static async Task<Outcome<T>> BodyAsync<T>(HttpRequest request, Func<BodyFields, Outcome<T>> parse, CancellationToken cancellation)
    {
        if (request.ContentType is not { } type || !type.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
            return new Problem.UnsupportedContentType(request.ContentType ?? "none");
        if (await JsonBody.ReadBytesAsync(request, BodyLimitBytes, cancellation) is not { } bytes)
            return new Problem.BodyTooLarge(BodyLimitBytes);
        return JsonBody.Parse(bytes).Then(body =>
        {
            var fields = new BodyFields(body);
            var parsed = parse(fields);
            return fields.Or(parsed).Then(p => p);
        });
    }

    private static IActionResult ResultOf(object value) => value is Nothing ? new StatusCodeResult(StatusCodes.Status204NoContent) : new OperatorResult(value);

    private sealed class OperatorResult(object value) : IActionResult
    {
        public async Task ExecuteResultAsync(ActionContext context)
        {
            var response = context.HttpContext.Response;
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(response.Body, value, value.GetType(), EarJson.Options, context.HttpContext.RequestAborted);
        }
    }
}

/// <summary>It is done, and there is nothing to say: 204.</summary>
internal sealed record Nothing;
