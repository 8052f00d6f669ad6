using System.Text.Json;
using Ear.Functions.Http.Requests;
using Microsoft.AspNetCore.Mvc;

namespace Ear.Functions.Http.Answers;

/// <summary>Writes a <see cref="Reply"/> as the client wants it: version in the content type, in an envelope, indented.</summary>
/// <remarks>In an envelope the status of HTTP itself is 200, as clients that need an envelope cannot see another one.</remarks>
internal sealed class AtlasResult(Reply reply, AnswerForm form) : IActionResult
{
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = form.Envelope && reply.Status != 204 ? 200 : reply.Status;
        form.Version.Warn(response.Headers);
        if (reply.Status == 204)
            return;
        response.ContentType = form.Version.ContentType;
        if (reply.Version is { } version)
            response.Headers.ETag = $"\"{version}\"";
        await using var json = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Indented = form.Pretty });
        reply.Write(json, form.Envelope);
        await json.FlushAsync(context.HttpContext.RequestAborted);
        await response.BodyWriter.FlushAsync(context.HttpContext.RequestAborted);
    }
}
