using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ear.Sdk.Tests.PublicApi;

/// <summary>
/// What decides whether source compiles and is not in the lists of <see cref="PublicApiRenderer"/>: what a type is and derives from,
/// constraints, where an attribute may stand, who may call a member, and what the compiler is told about it. One fact a line.
/// </summary>
internal static class ShapeRenderer
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Attributes that change what compiles, by name: an assembly for older frameworks carries copies of its own.</summary>
    private static readonly HashSet<string> Told = new(StringComparer.Ordinal)
    {
        nameof(ObsoleteAttribute), nameof(RequiredMemberAttribute), nameof(SetsRequiredMembersAttribute), nameof(NotNullIfNotNullAttribute), nameof(NotNullWhenAttribute),
        nameof(MaybeNullWhenAttribute), nameof(MaybeNullAttribute), nameof(NotNullAttribute), nameof(AllowNullAttribute), nameof(DisallowNullAttribute),
        nameof(MemberNotNullAttribute), nameof(MemberNotNullWhenAttribute), nameof(DoesNotReturnAttribute), nameof(DoesNotReturnIfAttribute),
        nameof(CallerMemberNameAttribute), nameof(CallerArgumentExpressionAttribute), nameof(CallerFilePathAttribute), nameof(CallerLineNumberAttribute),
    };

    public static IEnumerable<string> Render(Type type)
    {
        var owner = TypeNames.Declared(type);
        yield return $"{owner}: {Kind(type)}";
        if (!type.IsInterface && !type.IsEnum && type.BaseType is { } parent)
            yield return $"{owner}: derives from {TypeNames.Referred(parent)}";
        foreach (var contract in type.GetInterfaces().Where(IsVisible))
            yield return $"{owner}: is {TypeNames.Referred(contract)}";
        if (type.IsEnum)
            yield return $"{owner}: of {TypeNames.Referred(Enum.GetUnderlyingType(type))}";
        if (typeof(Attribute).IsAssignableFrom(type) && type.GetCustomAttribute<AttributeUsageAttribute>(inherit: true) is { } usage)
            yield return $"{owner}: on {usage.ValidOn}{(usage.AllowMultiple ? ", many" : "")}{(usage.Inherited ? ", inherited" : "")}";
        foreach (var line in Constraints(owner, type.GetGenericArguments()).Concat(Attributes(owner, type.CustomAttributes)))
            yield return line;
        foreach (var line in type.GetMembers(Declared).SelectMany(m => Member(owner, m)))
            yield return line;
    }

    private static IEnumerable<string> Member(string owner, MemberInfo member) => member switch
    {
        MethodBase method when IsVisible(method) && !method.Name.Contains('.', StringComparison.Ordinal) || member is ConstructorInfo { IsStatic: false } made && IsVisible(made) => Method(owner, (MethodBase)member),
        PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsVisible) && !property.Name.Contains('.', StringComparison.Ordinal)
            => Attributes($"{owner}.{property.Name}", property.CustomAttributes),
        FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly
            => [.. Access($"{owner}.{field.Name}", field.IsPublic), .. Attributes($"{owner}.{field.Name}", field.CustomAttributes)],
        EventInfo raised when raised.AddMethod is { } add && IsVisible(add) => Attributes($"{owner}.{raised.Name}", raised.CustomAttributes),
        _ => [],
    };

    private static IEnumerable<string> Method(string owner, MethodBase method)
    {
        var name = $"{owner}.{(method.IsConstructor ? "new" : method.Name)}({string.Join(", ", method.GetParameters().Select(p => TypeNames.Referred(p.ParameterType)))})";
        return
        [
            // A constructor of an abstract type is for those who derive, whatever it says.
            .. Access(name, method.IsPublic && !(method.IsConstructor && method.DeclaringType!.IsAbstract)),
            .. Constraints(name, method.IsGenericMethodDefinition ? method.GetGenericArguments() : []),
            .. Attributes(name, method.CustomAttributes),
            .. method is MethodInfo info ? Attributes($"{name} return", info.ReturnParameter.CustomAttributes) : [],
            .. method.GetParameters().SelectMany(p => Attributes($"{name} {p.Name}", p.CustomAttributes)),
        ];
    }

    /// <summary>For whoever derives, protected and protected internal are the same; for whoever calls, only public counts.</summary>
    private static IEnumerable<string> Access(string name, bool isPublic) => [$"{name}: {(isPublic ? "public" : "protected")}"];

    private static string Kind(Type type)
    {
        if (type.IsInterface)
            return "interface";
        if (type.IsEnum)
            return type.IsDefined(typeof(FlagsAttribute)) ? "flags enum" : "enum";
        if (type.IsSubclassOf(typeof(Delegate)))
            return "delegate";
        if (type.IsValueType)
            return $"{(type.CustomAttributes.Any(a => a.AttributeType.Name == nameof(IsReadOnlyAttribute)) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}struct";
        var record = type.GetMethod("<Clone>$", Declared) is null ? "class" : "record";
        return type switch
        {
            { IsAbstract: true, IsSealed: true } => $"static {record}",
            { IsAbstract: true } => $"abstract {record}",
            { IsSealed: true } => $"sealed {record}",
            _ => record,
        };
    }

    private static IEnumerable<string> Constraints(string owner, Type[] parameters)
    {
        foreach (var parameter in parameters.Where(p => p.IsGenericParameter))
        {
            var flags = parameter.GenericParameterAttributes;
            var told = new List<string>();
            if (flags.HasFlag(GenericParameterAttributes.Covariant))
                told.Add("out");
            if (flags.HasFlag(GenericParameterAttributes.Contravariant))
                told.Add("in");
            if (flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
                told.Add("struct");
            else if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
                told.Add(NullableFlag(parameter) == 2 ? "class?" : "class");
            else if (NullableFlag(parameter) == 1)
                told.Add("notnull");
            told.AddRange(parameter.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(TypeNames.Referred).Order(StringComparer.Ordinal));
            if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
                told.Add("new()");
            yield return $"{owner} where {parameter.Name}: {(told.Count == 0 ? "anything" : string.Join(", ", told))}";
        }
    }

    /// <summary>1 for <c>notnull</c> and <c>class</c>, 2 for none and <c>class?</c>, 0 where nothing was said. Unconstrained and oblivious mean the same to whoever uses it.</summary>
    private static byte NullableFlag(Type parameter)
    {
        var own = parameter.CustomAttributes.FirstOrDefault(a => a.AttributeType.Name == "NullableAttribute");
        if (own is not null)
            return own.ConstructorArguments[0].Value is byte one ? one : (byte)((IReadOnlyList<CustomAttributeTypedArgument>)own.ConstructorArguments[0].Value!)[0].Value!;
        for (MemberInfo? at = (MemberInfo?)parameter.DeclaringMethod ?? parameter.DeclaringType; at is not null; at = at.DeclaringType)
            if (at.CustomAttributes.FirstOrDefault(a => a.AttributeType.Name == "NullableContextAttribute") is { } context)
                return (byte)context.ConstructorArguments[0].Value!;
        return 0;
    }

    /// <summary>The text of an Obsolete attribute is free; whether it is an error is not.</summary>
    private static IEnumerable<string> Attributes(string owner, IEnumerable<CustomAttributeData> attributes)
        => attributes.Where(a => Told.Contains(a.AttributeType.Name) && !IsOfTheCompiler(a)).Select(a => a.AttributeType.Name == nameof(ObsoleteAttribute)
            ? $"{owner}: [Obsolete{(a.ConstructorArguments is [_, { Value: true }] ? ", error" : "")}]"
            : $"{owner}: [{a.AttributeType.Name}({string.Join(", ", a.ConstructorArguments.Select(v => v.Value))})]");

    /// <summary>What is written on constructors of types with required members, for compilers that do not know these.</summary>
    private static bool IsOfTheCompiler(CustomAttributeData attribute)
        => attribute.AttributeType.Name == nameof(ObsoleteAttribute) && attribute.ConstructorArguments is [{ Value: string text }, ..]
            && text.StartsWith("Constructors of types with required members", StringComparison.Ordinal);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(Type contract) => contract.IsGenericType && !contract.IsGenericTypeDefinition ? IsVisible(contract.GetGenericTypeDefinition()) : contract.IsVisible;
}
