using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Host;

/// <summary>One [Function] method as it was found, before anything runs.</summary>
internal sealed record FunctionDescriptor(string Name, MethodInfo Method, ParameterInfo TriggerParameter, ITrigger Trigger)
{
    /// <summary>The attribute that makes the function run.</summary>
    public TAttribute Attribute<TAttribute>()
        where TAttribute : Attribute =>
        TriggerParameter.GetCustomAttribute<TAttribute>()
        ?? throw new InvalidOperationException($"Function {Name} has no {typeof(TAttribute).Name}.");

    /// <summary>What comes out when the function ends: the T of Task&lt;T&gt; and ValueTask&lt;T&gt;, void for Task and ValueTask.</summary>
    public Type Result { get; } = ResultOf(Method.ReturnType);

    public FunctionDefinition Definition { get; } = new Invocation.HostFunctionDefinition(Name, Method, TriggerParameter, Trigger.BindingType);

    private static Type ResultOf(Type type)
    {
        if (type == typeof(Task) || type == typeof(ValueTask))
            return typeof(void);
        return type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            ? type.GetGenericArguments()[0]
            : type;
    }
}
