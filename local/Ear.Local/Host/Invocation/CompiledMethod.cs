using System.Linq.Expressions;
using System.Reflection;

namespace Ear.Local.Host.Invocation;

/// <summary>Calls a method whose signature was not known when this was compiled. The target is null for static methods.</summary>
internal delegate ValueTask<object?> CompiledCall(object? target, object?[] arguments);

/// <summary>Turns a method into a delegate once, so that no invocation pays for reflection.</summary>
internal static class CompiledMethod
{
    public static CompiledCall Compile(MethodInfo method)
    {
        var target = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object?[]));
        var call = Expression.Call(
            method.IsStatic ? null : Expression.Convert(target, method.DeclaringType!),
            method,
            method.GetParameters().Select((p, i) => Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), p.ParameterType)));
        return Expression.Lambda<CompiledCall>(Awaitable(call), target, arguments).Compile();
    }

    private static Expression Awaitable(MethodCallExpression call)
    {
        var type = call.Type;
        if (type == typeof(void))
            return Expression.Block(call, Expression.Default(typeof(ValueTask<object?>)));
        if (type == typeof(Task))
            return Adapt(nameof(FromTask), null, call);
        if (type == typeof(ValueTask))
            return Adapt(nameof(FromValueTask), null, call);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
            return Adapt(nameof(FromTaskOf), type.GetGenericArguments()[0], call);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            return Adapt(nameof(FromValueTaskOf), type.GetGenericArguments()[0], call);
        return Expression.New(
            typeof(ValueTask<object?>).GetConstructor([typeof(object)])!,
            Expression.Convert(call, typeof(object)));
    }

    private static MethodCallExpression Adapt(string adapter, Type? result, Expression call)
    {
        var method = typeof(CompiledMethod).GetMethod(adapter, BindingFlags.NonPublic | BindingFlags.Static)!;
        return Expression.Call(result is null ? method : method.MakeGenericMethod(result), call);
    }

    private static async ValueTask<object?> FromTask(Task task)
    {
        await task;
        return null;
    }

    private static async ValueTask<object?> FromValueTask(ValueTask task)
    {
        await task;
        return null;
    }

    private static async ValueTask<object?> FromTaskOf<T>(Task<T> task) => await task;

    private static async ValueTask<object?> FromValueTaskOf<T>(ValueTask<T> task) => await task;
}
