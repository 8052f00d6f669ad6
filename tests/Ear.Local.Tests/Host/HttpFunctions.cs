using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Tests.Host;

/// <summary>A parameter type of the domain that reads itself.</summary>
public sealed record Colour(string Name)
{
    public static bool TryParse(string text, out Colour colour)
    {
        colour = new Colour(text);
        return text is "red" or "green";
    }
}

/// <summary>Resolved from the invocation's own scope.</summary>
public sealed class PerInvocation : IDisposable
{
    private static int s_made;

    public int Number { get; } = Interlocked.Increment(ref s_made);

    public bool Disposed { get; private set; }

    public void Dispose() => Disposed = true;
}

public sealed class HttpFunctions(PerInvocation scoped, Seen seen) : IDisposable
{
    [Function("Greet")]
    public IActionResult Greet([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "greet/{name}")] HttpRequest request, string name) =>
        new OkObjectResult(new { greeting = $"Hello {name}", Polite = request.Query.ContainsKey("please"), none = (string?)null });

    [Function("Typed")]
    public Task<IActionResult> Typed(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "typed/{number}/{id}/{colour}/{rest?}")] HttpRequest request,
        int number, Guid id, Colour colour, string? rest) =>
        Task.FromResult<IActionResult>(new OkObjectResult($"{number} {id:N} {colour.Name} {rest ?? "-"} {request.Method}"));

    [Function("Create")]
    public async Task<IActionResult> Create(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "things")] HttpRequest request, CancellationToken cancellation)
    {
        var body = await request.ReadFromJsonAsync<Dictionary<string, int>>(cancellation);
        return new CreatedResult("/things/1", body);
    }

    [Function("List")]
    public static IActionResult List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things")] HttpRequest request) =>
        new OkObjectResult(new[] { request.Method });

    [Function("Guarded")]
    public IActionResult Guarded([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => new OkObjectResult(request.Path.Value);

    [Function("AdminOnly")]
    public IActionResult AdminOnly([HttpTrigger(AuthorizationLevel.Admin, "get")] HttpRequest request) => new OkObjectResult(request.Path.Value);

    [Function("Scope")]
    public IActionResult Scope([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context) => new OkObjectResult(new
    {
        sameScope = ReferenceEquals(context.InstanceServices.GetService(typeof(PerInvocation)), scoped),
        scoped.Number,
        context.FunctionDefinition.Name,
        context.FunctionDefinition.EntryPoint,
        sameRequest = ReferenceEquals(context.GetHttpContext()?.Request, request),
        middleware = context.Items["middleware"],
        parsedId = Guid.TryParse(context.InvocationId, out _),
    });

    [Function("Broken")]
    public IActionResult Broken([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
        throw new InvalidOperationException($"a detail that is nobody's business: {request.Path}");

    [Function("Direct")]
    public async Task Direct([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
    {
        request.HttpContext.Response.StatusCode = StatusCodes.Status418ImATeapot;
        await request.HttpContext.Response.WriteAsync("short and stout");
    }

    [Function("Slow")]
    public async Task<IActionResult> Slow([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context)
    {
        seen.Note("slow began");
        await seen.Gate.Task.WaitAsync(TimeSpan.FromSeconds(15), CancellationToken.None);
        seen.Note(context.CancellationToken.IsCancellationRequested ? "slow was told to stop" : "slow was told nothing");
        return new OkObjectResult(request.Method);
    }

    public void Dispose()
    {
        if (!scoped.Disposed)
            seen.Note("disposed");
    }
}
