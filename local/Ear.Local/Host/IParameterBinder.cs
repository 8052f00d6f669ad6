using System.Reflection;
using Ear.Local.Host.Invocation;

namespace Ear.Local.Host;

/// <summary>Gives a parameter its value at each invocation. Runs on the hot path: decide once in <see cref="TryBind"/>, only read in the delegate.</summary>
internal delegate object? ParameterValue(HostFunctionContext context);

/// <summary>Knows some parameters of functions. The first binder that knows one gives its value.</summary>
internal interface IParameterBinder
{
    /// <summary>Null when this binder does not know the parameter.</summary>
    ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function);
}
