using System.Reflection;

namespace Ear.Sdk.Tests.PublicApi;

/// <summary>Writes a type as PublicApiAnalyzers does: keywords, <c>!</c> and <c>?</c> from the compiler's nullability bytes.</summary>
internal sealed class TypeNames(bool nullabilityMarks)
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(char)] = "char",
    };

    public string Of(ParameterInfo parameter) => Write(parameter.ParameterType, NullabilityBytes.Of(parameter));

    public string Of(FieldInfo field) => Write(field.FieldType, NullabilityBytes.Of(field));

    /// <summary>A type where it is declared: no mark of its own.</summary>
    public static string Declared(Type type)
    {
        var name = type.Name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        if (tick >= 0)
        {
            var inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
            name = $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Skip(inherited).Select(a => a.Name))}>";
        }

        return type.IsNested ? $"{Declared(type.DeclaringType!)}.{name}" : $"{type.Namespace}.{name}";
    }

    /// <summary>A type where it is used, whatever was said of null.</summary>
    public static string Referred(Type type) => new TypeNames(nullabilityMarks: false).Write(type, new NullabilityBytes([0]));

    private string Write(Type type, NullabilityBytes bytes)
    {
        if (type.IsByRef)
            return Write(type.GetElementType()!, bytes);
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Write(underlying, bytes) + "?";
        if (type.IsGenericParameter)
            return type.Name + Mark(bytes.Next(), IsReference(type));
        if (type.IsArray)
        {
            var mark = Mark(bytes.Next(), isReference: true);
            return $"{Write(type.GetElementType()!, bytes)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        var own = type.IsValueType
            ? type.IsGenericType ? Discard(bytes) : ""
            : Mark(bytes.Next(), isReference: true);
        return Named(type, bytes) + own;
    }

    private string Named(Type type, NullabilityBytes bytes)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (!type.IsGenericType)
            return type.FullName!.Replace('+', '.');
        var definition = type.GetGenericTypeDefinition().FullName!.Replace('+', '.');
        var arguments = type.GetGenericArguments().Select(a => Write(a, bytes));
        return $"{definition[..definition.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", arguments)}>";
    }

    private string Mark(byte flag, bool isReference) => (nullabilityMarks, flag) switch
    {
        (false, _) => "",
        (_, 2) => "?",
        (_, 1) when isReference => "!",
        _ => "",
    };

    private static string Discard(NullabilityBytes bytes)
    {
        bytes.Next();
        return "";
    }

    /// <summary>An unconstrained T is written without a mark; only one known to be a class carries "!".</summary>
    private static bool IsReference(Type genericParameter) =>
        genericParameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)
        || genericParameter.GetGenericParameterConstraints().Any(c => c.IsClass && c != typeof(ValueType));
}
