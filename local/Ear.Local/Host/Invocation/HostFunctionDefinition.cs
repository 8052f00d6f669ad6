using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Ear.Local.Host.Invocation;

internal sealed class HostFunctionDefinition(string name, MethodInfo method, ParameterInfo trigger, string bindingType) : FunctionDefinition
{
    public override ImmutableArray<FunctionParameter> Parameters { get; } = [.. method.GetParameters().Select(Describe)];

    public override string PathToAssembly { get; } = method.DeclaringType!.Assembly.Location;

    public override string EntryPoint { get; } = $"{method.DeclaringType!.FullName}.{method.Name}";

    public override string Id => Name;

    public override string Name { get; } = name;

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } =
        ImmutableDictionary<string, BindingMetadata>.Empty
            .Add(trigger.Name!, new Binding(trigger.Name!, bindingType))
            .AddRange(method.GetParameters()
                .Where(p => p.GetCustomAttribute<InputBindingAttribute>() is not null)
                .Select(p => KeyValuePair.Create(p.Name!, (BindingMetadata)new Binding(p.Name!, TypeOf(p.GetCustomAttribute<InputBindingAttribute>()!)))));

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } = ImmutableDictionary<string, BindingMetadata>.Empty;

    /// <summary>As function.json names it: DurableClientAttribute is <c>durableClient</c>.</summary>
    private static string TypeOf(InputBindingAttribute attribute)
    {
        var name = attribute.GetType().Name;
        name = name.EndsWith(nameof(Attribute), StringComparison.Ordinal) ? name[..^nameof(Attribute).Length] : name;
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private static FunctionParameter Describe(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<BindingAttribute>() is { } binding
            ? new FunctionParameter(parameter.Name!, parameter.ParameterType, ImmutableDictionary<string, object>.Empty.Add("bindingAttribute", binding))
            : new FunctionParameter(parameter.Name!, parameter.ParameterType);

    private sealed class Binding(string name, string type) : BindingMetadata
    {
        public override string Name => name;

        public override string Type => type;

        public override BindingDirection Direction => BindingDirection.In;
    }
}
