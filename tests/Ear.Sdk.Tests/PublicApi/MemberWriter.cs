using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ear.Sdk.Tests.PublicApi;

/// <summary>One member of <paramref name="owner"/> as one line.</summary>
internal sealed class MemberWriter(string owner, TypeNames names)
{
    private static readonly Dictionary<string, string> Operators = new(StringComparer.Ordinal)
    {
        ["op_Implicit"] = "implicit",
        ["op_Explicit"] = "explicit",
        ["op_Equality"] = "==",
        ["op_Inequality"] = "!=",
        ["op_LessThan"] = "<",
        ["op_GreaterThan"] = ">",
        ["op_LessThanOrEqual"] = "<=",
        ["op_GreaterThanOrEqual"] = ">=",
        ["op_Addition"] = "+",
        ["op_UnaryPlus"] = "+",
        ["op_Subtraction"] = "-",
        ["op_UnaryNegation"] = "-",
        ["op_Multiply"] = "*",
        ["op_Division"] = "/",
        ["op_Modulus"] = "%",
        ["op_BitwiseAnd"] = "&",
        ["op_BitwiseOr"] = "|",
        ["op_ExclusiveOr"] = "^",
        ["op_LeftShift"] = "<<",
        ["op_RightShift"] = ">>",
        ["op_LogicalNot"] = "!",
        ["op_OnesComplement"] = "~",
        ["op_Increment"] = "++",
        ["op_Decrement"] = "--",
        ["op_True"] = "true",
        ["op_False"] = "false",
    };

    public string Constructor(ConstructorInfo constructor) =>
        $"{owner}.{constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)}) -> void";

    public string Method(MethodInfo method)
    {
        var result = names.Of(Slot(method).ReturnParameter);
        var parameters = Parameters(method);
        if (Accessor(method) is { } accessor)
            return $"{Modifiers(method)}{owner}.{accessor}";
        var name = method.Name switch
        {
            _ when method.IsSpecialName && Operators.TryGetValue(method.Name, out var sign) =>
                sign is "implicit" or "explicit" ? $"{sign} operator {result}" : $"operator {sign}",
            _ when method.IsGenericMethodDefinition =>
                $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>",
            _ => method.Name,
        };
        return $"{Modifiers(method)}{owner}.{name}({parameters}) -> {result}";
    }

    public string Event(EventInfo raised) => $"{Modifiers(raised.AddMethod!)}{owner}.{raised.Name} -> {names.Of(raised.AddMethod!.GetParameters()[0])}";

    public string Field(FieldInfo field)
    {
        var type = names.Of(field);
        if (field.DeclaringType!.IsEnum)
            return $"{owner}.{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)} -> {owner}";
        var modifiers = field switch
        {
            { IsLiteral: true } => "const ",
            { IsStatic: true, IsInitOnly: true } => "static readonly ",
            { IsStatic: true } => "static ",
            { IsInitOnly: true } => "readonly ",
            _ => "",
        };
        var value = field.IsLiteral ? $" = {Constant(field.FieldType, field.GetRawConstantValue())}" : "";
        return $"{modifiers}{owner}.{field.Name}{value} -> {type}";
    }

    private string? Accessor(MethodInfo method)
    {
        var property = method.DeclaringType!
            .GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .FirstOrDefault(p => p.GetMethod == method || p.SetMethod == method);
        if (property is null)
            return null;
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        if (property.GetMethod == method)
            return $"{name}.get -> {names.Of(method.ReturnParameter)}";
        var init = method.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.FullName == typeof(IsExternalInit).FullName);
        return $"{name}.{(init ? "init" : "set")} -> void";
    }

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
            return method.IsStatic ? "static " : "";
        if (method.IsStatic)
            return "static ";
        if (Slot(method).GetBaseDefinition().DeclaringType != method.DeclaringType)
            return method.IsFinal ? "override sealed " : "override ";
        return method switch
        {
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
    }

    /// <summary>
    /// A record's <c>&lt;Clone&gt;$</c> overrides with a narrower result where the runtime allows it; the packages target
    /// netstandard2.0, where it does not, and so have the result of the method that is overridden.
    /// </summary>
    private static MethodInfo Slot(MethodInfo method) =>
        method.IsDefined(typeof(PreserveBaseOverridesAttribute)) && method.DeclaringType!.BaseType?.GetMethod(method.Name, []) is { } overridden
            ? Slot(overridden)
            : method;

    private string Parameters(MethodBase method)
    {
        var written = string.Join(", ", method.GetParameters().Select(Parameter));
        return method.IsDefined(typeof(ExtensionAttribute)) ? "this " + written : written;
    }

    private string Parameter(ParameterInfo parameter)
    {
        var kind = parameter switch
        {
            { IsOut: true } => "out ",
            { ParameterType.IsByRef: true } when parameter.IsIn => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) => "params ",
            _ => "",
        };
        var value = parameter.HasDefaultValue ? $" = {Constant(parameter.ParameterType, parameter.RawDefaultValue)}" : "";
        return $"{kind}{names.Of(parameter)} {parameter.Name}{value}";
    }

    private static string Constant(Type type, object? value)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null when type.IsValueType && target == type => $"default({type.FullName})",
            null => "null",
            _ when target.IsEnum => $"{TypeNames.Declared(target)}.{Enum.ToObject(target, value)}",
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }
}
