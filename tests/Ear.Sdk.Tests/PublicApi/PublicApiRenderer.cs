using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ear.Sdk.Tests.PublicApi;

/// <summary>Every public or protected member of a type, one a line, as PublicApiAnalyzers writes PublicAPI.Shipped.txt.</summary>
internal static class PublicApiRenderer
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<Type> Visible(Assembly assembly) => assembly.GetTypes().Where(IsVisible).OrderBy(t => t.FullName, StringComparer.Ordinal);

    public static IEnumerable<string> Render(Type type)
    {
        var owner = TypeNames.Declared(type);
        yield return owner;

        // The lists of Azure.* and Google.* carry no nullability marks.
        var write = new MemberWriter(owner, new TypeNames(!owner.StartsWith("Azure.", StringComparison.Ordinal) && !owner.StartsWith("Google.", StringComparison.Ordinal)));
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            yield return write.Method(type.GetMethod("Invoke")!);
            yield break;
        }

        foreach (var constructor in type.GetConstructors(Declared).Where(c => IsVisible(c) && !c.IsStatic))
            yield return write.Constructor(constructor);
        var events = type.GetEvents(Declared).Where(e => e.AddMethod is { } add && IsVisible(add) && !IsExplicit(add)).ToList();
        foreach (var raised in events)
            yield return write.Event(raised);
        foreach (var method in type.GetMethods(Declared).Where(m => IsVisible(m) && !IsExplicit(m) && !events.Any(e => e.AddMethod == m || e.RemoveMethod == m)))
            yield return write.Method(method);
        foreach (var field in type.GetFields(Declared).Where(f => (f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly) && !f.IsSpecialName))
            yield return write.Field(field);
    }

    private static bool IsVisible(Type type) =>
        type.IsNested
            ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)
            : type.IsPublic && !type.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsExplicit(MethodInfo method) => method.Name.Contains('.', StringComparison.Ordinal);
}
