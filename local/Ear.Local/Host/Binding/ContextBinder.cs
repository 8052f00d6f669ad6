using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Host.Binding;

/// <summary>What every invocation has: its context and its cancellation.</summary>
internal sealed class ContextBinder : IParameterBinder
{
    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function)
    {
        if (parameter.ParameterType == typeof(FunctionContext))
            return context => context;
        if (parameter.ParameterType == typeof(CancellationToken))
            return context => context.CancellationToken;
        return null;
    }
}
