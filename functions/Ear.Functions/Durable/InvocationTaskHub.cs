using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Durable;

/// <summary>
/// The client that the host bound for the function that runs now (ADR-0009). A Functions worker has no other: where the task hub
/// listens is told with each invocation, and only to functions with a parameter <c>[DurableClient] DurableTaskClient</c>. Whatever
/// may wake an orchestration has that parameter, though its body does not use it; a test holds that.
/// </summary>
internal sealed class InvocationTaskHub : ITaskHub, IFunctionsWorkerMiddleware
{
    private const string BindingType = "durableClient";

    private readonly AsyncLocal<DurableTaskClient?> _client = new();
    private readonly ConcurrentDictionary<string, BindingMetadata?> _bindings = new(StringComparer.Ordinal);

    public DurableTaskClient Client => _client.Value
        ?? throw new InvalidOperationException(
            "No client of the task hub was bound for what runs now. Give its function a parameter [DurableClient] DurableTaskClient; outside a function there is none.");

    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var binding = _bindings.GetOrAdd(
            context.FunctionId, static (_, definition) => definition.InputBindings.Values.FirstOrDefault(b => b.Type == BindingType), context.FunctionDefinition);
        // Where this invocation was started from another one's flow, the other's client does not count: in Azure it would not be here.
        return binding is null && _client.Value is null ? next(context) : InvokeAsync(context, binding, next);
    }

    private async Task InvokeAsync(FunctionContext context, BindingMetadata? binding, FunctionExecutionDelegate next)
    {
        _client.Value = binding is null ? null : (await context.BindInputAsync<DurableTaskClient>(binding)).Value;
        await next(context);
    }
}
