using Ear.Local.Host.Invocation;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Host;

/// <summary>Runs one function: middleware, parameters, instance, method. Everything that can be decided once is decided in the constructor.</summary>
internal sealed class FunctionInvoker
{
    private readonly FunctionExecutionDelegate _pipeline;
    private readonly (string Name, ParameterValue Value)[] _parameters;
    private readonly CompiledCall _call;
    private readonly ObjectFactory? _newInstance;
    private readonly RunningInvocations _running;
    private readonly IIds _ids;

    public FunctionInvoker(
        FunctionDescriptor function, IReadOnlyList<IParameterBinder> binders, FunctionExecutionDelegate pipeline, RunningInvocations running, IIds ids)
    {
        Function = function;
        _pipeline = pipeline;
        _running = running;
        _ids = ids;
        _parameters = [.. function.Method.GetParameters().Select(p => (p.Name!, ParameterBinding.Of(p, function, binders)!))];
        _call = CompiledMethod.Compile(function.Method);
        _newInstance = function.Method.IsStatic ? null : ActivatorUtilities.CreateFactory(function.Method.DeclaringType!, []);
    }

    public FunctionDescriptor Function { get; }

    /// <inheritdoc cref="RunningInvocations.Stopping"/>
    public CancellationToken Stopping => _running.Stopping;

    /// <summary>Runs the function in a scope of its own, with a token that is cancelled when the host stops, and gives what it returned.</summary>
    /// <param name="services">The host's services, from which the scope is made.</param>
    /// <param name="trigger">What the trigger's binders read back from <see cref="HostFunctionContext.Trigger"/>.</param>
    /// <param name="bindingData">What <c>FunctionContext.BindingContext</c> shows.</param>
    /// <param name="stopWaits">False for orchestrators: they stay in memory between turns, for days, and lose nothing when they go.</param>
    public async Task<object?> InvokeAsync(
        IServiceProvider services, object? trigger, IReadOnlyDictionary<string, object?>? bindingData = null, bool stopWaits = true)
    {
        await using var scope = services.CreateAsyncScope();
        using var context = new HostFunctionContext(this, scope.ServiceProvider, trigger)
        {
            BindingData = bindingData ?? HostFunctionContext.NoData,
        };
        await (stopWaits ? RunAsync(context) : _pipeline(context));
        return context.Result.Value;
    }

    /// <summary>Runs the function in a context that the caller made, with the scope in it.</summary>
    public async Task RunAsync(HostFunctionContext context)
    {
        using var running = _running.Enter();
        await _pipeline(context);
    }

    public string NewInvocationId() => _ids.NewGuid().ToString();

    /// <summary>What this parameter will be given; null where the function has no such parameter.</summary>
    public object? ValueOf(string parameter, HostFunctionContext context) => Array.Find(_parameters, p => p.Name == parameter).Value?.Invoke(context);

    /// <summary>The end of the pipeline: the function itself.</summary>
    public async Task ExecuteAsync(HostFunctionContext context)
    {
        var arguments = new object?[_parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = context.IsBoundEarly(_parameters[i].Name, out var bound) ? bound : _parameters[i].Value(context);
        if (_newInstance is null)
        {
            context.Result.Value = await _call(null, arguments);
            return;
        }

        var instance = _newInstance(context.InstanceServices, []);
        try
        {
            context.Result.Value = await _call(instance, arguments);
        }
        finally
        {
            if (instance is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync();
            else
                (instance as IDisposable)?.Dispose();
        }
    }
}
