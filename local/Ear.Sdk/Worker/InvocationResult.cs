namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a function returned; middleware may replace it before the host acts on it.</summary>
public abstract class InvocationResult<T>
{
    public abstract T? Value { get; set; }
}

/// <inheritdoc/>
public abstract class InvocationResult : InvocationResult<object>
{
}

/// <summary>The value of an input binding; middleware may replace it before the function gets it.</summary>
public abstract class InputBindingData<T>
{
    public abstract BindingMetadata BindingMetadata { get; }

    public abstract T? Value { get; set; }
}

/// <summary>How a host gives middleware what it will give the function; a feature of its contexts.</summary>
internal interface IInputBindings
{
    InputBindingData<T> Bind<T>(BindingMetadata binding);
}

public static class FunctionContextBindingFeatureExtensions
{
    /// <summary>Binds one input before the function runs; the function then gets the same value.</summary>
    public static ValueTask<InputBindingData<T>> BindInputAsync<T>(this FunctionContext context, BindingMetadata bindingMetadata)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(bindingMetadata);
        var inputs = context.Features.Get<IInputBindings>()
            ?? throw new InvalidOperationException("This context binds no inputs: it was not made by a Functions host.");
        return new(inputs.Bind<T>(bindingMetadata));
    }

    public static InvocationResult GetInvocationResult(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<InvocationResult>()
            ?? throw new InvalidOperationException("This context carries no invocation result: it was not made by a Functions host.");
    }
}
