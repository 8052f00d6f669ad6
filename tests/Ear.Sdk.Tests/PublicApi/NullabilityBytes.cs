using System.Reflection;

namespace Ear.Sdk.Tests.PublicApi;

/// <summary>
/// The bytes that the compiler left about nullability, in the order in which a type is read (0 oblivious, 1 not null, 2 nullable).
/// Read here because <see cref="NullabilityInfoContext"/> cannot tell T from T? for an unconstrained T.
/// </summary>
internal sealed class NullabilityBytes(byte[] flags)
{
    private int _position;

    public byte Next() => flags.Length == 1 ? flags[0] : flags[_position++];

    public static NullabilityBytes Of(ParameterInfo parameter) =>
        new(Own(parameter.CustomAttributes) ?? [Context(parameter.Member)]);

    public static NullabilityBytes Of(FieldInfo field) => new(Own(field.CustomAttributes) ?? [Context(field)]);

    private static byte[]? Own(IEnumerable<CustomAttributeData> attributes)
    {
        foreach (var attribute in attributes)
            if (attribute.AttributeType.FullName == "System.Runtime.CompilerServices.NullableAttribute")
                return attribute.ConstructorArguments[0].Value is IReadOnlyCollection<CustomAttributeTypedArgument> many
                    ? [.. many.Select(a => (byte)a.Value!)]
                    : [(byte)attribute.ConstructorArguments[0].Value!];
        return null;
    }

    private static byte Context(MemberInfo member)
    {
        for (var at = member; at is not null; at = at.DeclaringType)
            foreach (var attribute in at.CustomAttributes)
                if (attribute.AttributeType.FullName == "System.Runtime.CompilerServices.NullableContextAttribute")
                    return (byte)attribute.ConstructorArguments[0].Value!;
        return 0;
    }
}
