using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Host;

/// <summary>Finds the [Function] methods of an app's classes and everything that is wrong with them.</summary>
internal static partial class FunctionDiscovery
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<FunctionDescriptor> Find(
        IReadOnlyList<Type> classes, IReadOnlyList<ITrigger> triggers, IReadOnlyList<IParameterBinder> binders, List<string> faults)
    {
        var found = new List<FunctionDescriptor>();
        foreach (var method in classes.SelectMany(t => t.GetMethods(Declared)))
            if (method.GetCustomAttribute<FunctionAttribute>() is { } function
                && Describe(function.Name, method, triggers, faults) is { } descriptor)
                found.Add(descriptor);

        foreach (var twice in found.GroupBy(f => f.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            faults.Add($"Function name {twice.Key} is used {twice.Count()} times: {string.Join(", ", twice.Select(f => f.Definition.EntryPoint))}.");
        foreach (var kind in found.GroupBy(f => f.Trigger))
            kind.Key.Check([.. kind], faults);
        foreach (var function in found)
            CheckParameters(function, binders, faults);
        return [.. found.OrderBy(f => f.Name, StringComparer.Ordinal)];
    }

    private static FunctionDescriptor? Describe(string name, MethodInfo method, IReadOnlyList<ITrigger> triggers, List<string> faults)
    {
        var before = faults.Count;
        var where = $"Function {name} ({method.DeclaringType!.FullName}.{method.Name})";
        if (!NamePattern().IsMatch(name))
            faults.Add($"{where}: the name must be a letter followed by up to 126 letters, digits, '-' or '_'.");
        if (!method.IsPublic || !method.DeclaringType.IsVisible)
            faults.Add($"{where}: method and class must be public.");
        if (method.ContainsGenericParameters || (method.DeclaringType.IsAbstract && !method.IsStatic))
            faults.Add($"{where}: neither the method nor its class may be generic, nor the class abstract.");
        if (method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute)))
            faults.Add($"{where}: async void cannot be awaited; return Task.");

        var owned = method.GetParameters()
            .SelectMany(p => triggers.Where(t => t.Owns(p)).Select(t => (Parameter: p, Trigger: t)))
            .ToList();
        if (owned.Count != 1)
            faults.Add($"{where}: it has {owned.Count} triggers; exactly one parameter must carry a trigger attribute.");
        return faults.Count == before ? new FunctionDescriptor(name, method, owned[0].Parameter, owned[0].Trigger) : null;
    }

    private static void CheckParameters(FunctionDescriptor function, IReadOnlyList<IParameterBinder> binders, List<string> faults)
    {
        foreach (var parameter in function.Method.GetParameters())
            if (ParameterBinding.Of(parameter, function, binders) is null)
                faults.Add(
                    $"Function {function.Name}: nothing can give a value to parameter {parameter.Name} of type {parameter.ParameterType.Name}. "
                    + "Known are the trigger's own types, route values by name, FunctionContext and CancellationToken; services belong in the constructor.");
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,126}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}

internal static class ParameterBinding
{
    /// <summary>What the first binder that knows the parameter says.</summary>
    public static ParameterValue? Of(
        System.Reflection.ParameterInfo parameter, FunctionDescriptor function, IReadOnlyList<IParameterBinder> binders)
    {
        foreach (var binder in binders)
            if (binder.TryBind(parameter, function) is { } value)
                return value;
        return null;
    }
}
