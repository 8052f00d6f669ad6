using Ear.Local.Host.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Host.Http;

/// <summary>One function as an endpoint: key, invocation, result. The request's own scope is the invocation's.</summary>
internal sealed class HttpFunction(FunctionInvoker invoker, HostKeys keys, AuthorizationLevel level, ILogger log)
{
    private static readonly ActionDescriptor NoAction = new();

    public async Task HandleAsync(HttpContext http)
    {
        if (!keys.Allow(http.Request, level))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var context = new HostFunctionContext(invoker, http.RequestServices, http)
        {
            BindingData = http.Request.RouteValues,
            CallerLeft = http.RequestAborted,
        };
        context.Items[FunctionContextExtensions.HttpContextKey] = http;
        try
        {
            await invoker.RunAsync(context);
            await WriteAsync(http, context.Result.Value);
        }
        catch (RouteValueException)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (Exception e)
        {
            Log.FunctionFailed(log, invoker.Function.Name, context.InvocationId, e);
            Fail(http);
        }
    }

    private static Task WriteAsync(HttpContext http, object? result) => result switch
    {
        IActionResult action => action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), NoAction)),
        IResult endpoint => endpoint.ExecuteAsync(http),
        _ => Task.CompletedTask,
    };

    /// <summary>What went wrong is in the log; the caller learns that something did.</summary>
    private static void Fail(HttpContext http)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
    }
}
