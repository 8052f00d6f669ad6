using Ear.Functions.Http.Answers;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Http;

/// <summary>An exception of an HTTP function becomes 500 with an id that finds the log line, and nothing else. Other triggers keep their exceptions: they are retried for them.</summary>
internal sealed class UnexpectedErrors(ILogger<UnexpectedErrors> logger) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception failure) when (context.GetHttpContext() is { } http && !http.RequestAborted.IsCancellationRequested)
        {
            Log.UnexpectedFailure(logger, context.FunctionDefinition.Name, context.InvocationId, failure);
            context.GetInvocationResult().Value = new ErrorResult(new ErrorAnswer(
                500, "UNEXPECTED_ERROR", $"Unexpected error. Correlation id: {context.InvocationId}.", context.InvocationId));
        }
    }
}
