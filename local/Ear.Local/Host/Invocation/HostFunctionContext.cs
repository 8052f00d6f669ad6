using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Host.Invocation;

/// <summary>
/// One invocation. Most of what it offers is made only when somebody asks, because most functions never do.
/// </summary>
internal sealed class HostFunctionContext : FunctionContext, IInputBindings, IDisposable
{
    public static readonly IReadOnlyDictionary<string, object?> NoData = new Dictionary<string, object?>();

    private readonly FunctionInvoker _function;
    private string? _invocationId;
    private InvocationFeatures? _features;
    private IDictionary<object, object>? _items;
    private BindingContext? _bindingContext;
    private TraceContext? _traceContext;
    private CancellationTokenSource? _either;
    private Dictionary<string, object?>? _boundEarly;

    public HostFunctionContext(FunctionInvoker function, IServiceProvider services, object? trigger)
    {
        _function = function;
        InstanceServices = services;
        Trigger = trigger;
    }

    /// <summary>The caller of an HTTP function hung up.</summary>
    public CancellationToken CallerLeft { get; init; }

    /// <summary>What made the function run: an HttpContext, a TimerInfo, a message, an activity's input.</summary>
    public object? Trigger { get; }

    /// <summary>What the function returned, for middleware to see and replace.</summary>
    public HostInvocationResult Result { get; } = new();

    public override string InvocationId => _invocationId ??= _function.NewInvocationId();

    public override string FunctionId => FunctionDefinition.Id;

    public override FunctionDefinition FunctionDefinition => _function.Function.Definition;

    public override IServiceProvider InstanceServices { get; set; }

    public override CancellationToken CancellationToken => CallerLeft.CanBeCanceled
        ? (_either ??= CancellationTokenSource.CreateLinkedTokenSource(CallerLeft, _function.Stopping)).Token
        : _function.Stopping;

    public override IDictionary<object, object> Items
    {
        get => _items ??= new Dictionary<object, object>();
        set => _items = value;
    }

    public override IInvocationFeatures Features => _features ??= new InvocationFeatures(Result, this);

    /// <summary>What the trigger says about itself, by name; set by triggers that have something to say.</summary>
    public IReadOnlyDictionary<string, object?> BindingData { get; init; } = NoData;

    public override BindingContext BindingContext => _bindingContext ??= new Data(BindingData);

    public override TraceContext TraceContext => _traceContext ??= new Trace(Activity.Current);

    public override RetryContext RetryContext { get; } = FirstAttempt.Instance;

    /// <summary>The last step of the pipeline.</summary>
    public Task ExecuteAsync() => _function.ExecuteAsync(this);

    /// <summary>What middleware bound, or put in its place, before the function runs.</summary>
    public bool IsBoundEarly(string parameter, out object? value)
    {
        value = null;
        return _boundEarly is not null && _boundEarly.TryGetValue(parameter, out value);
    }

    public InputBindingData<T> Bind<T>(BindingMetadata binding)
    {
        _boundEarly ??= new(StringComparer.Ordinal);
        if (!_boundEarly.ContainsKey(binding.Name))
            _boundEarly[binding.Name] = _function.ValueOf(binding.Name, this);
        return new BoundInput<T>(binding, _boundEarly);
    }

    public void Dispose() => _either?.Dispose();

    private sealed class BoundInput<T>(BindingMetadata binding, Dictionary<string, object?> values) : InputBindingData<T>
    {
        public override BindingMetadata BindingMetadata => binding;

        public override T? Value
        {
            get => (T?)values[binding.Name];
            set => values[binding.Name] = value;
        }
    }

    private sealed class Data(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => data;
    }

    private sealed class Trace(Activity? activity) : TraceContext
    {
        public override string TraceParent { get; } = activity?.Id ?? "";

        public override string TraceState { get; } = activity?.TraceStateString ?? "";
    }

    private sealed class FirstAttempt : RetryContext
    {
        public static readonly FirstAttempt Instance = new();

        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }
}

internal sealed class HostInvocationResult : InvocationResult
{
    public override object? Value { get; set; }
}
