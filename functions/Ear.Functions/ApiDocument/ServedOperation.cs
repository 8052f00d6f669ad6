using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.ApiDocument;

/// <summary>An HTTP function as clients see it.</summary>
/// <param name="Method">In lower case.</param>
/// <param name="Path">Whole, with its parameters in braces: <c>/api/atlas/v2/groups/{groupId}</c>.</param>
public sealed partial record ServedOperation(string Id, string Method, string Path)
{
    /// <summary>host.json's.</summary>
    private const string RoutePrefix = "/api/";
    private static readonly string[] Documented = ["atlas/v2", "oauth/", "ear/v1/", "private/"];

    public IReadOnlyList<string> PathParameters => [.. Braces().Matches(Path).Select(m => m.Groups[1].Value)];

    /// <summary>What the document describes of an app; not the agents' API, whose words are an assembly of their own.</summary>
    public static IReadOnlyList<ServedOperation> Of(IEnumerable<Type> classes)
        => [.. classes.SelectMany(t => t.GetMethods()).SelectMany(Of).OrderBy(o => o.Path, StringComparer.Ordinal).ThenBy(o => o.Method, StringComparer.Ordinal)];

    private static IEnumerable<ServedOperation> Of(MethodInfo method)
    {
        if (method.GetCustomAttribute<FunctionAttribute>() is not { Name: var id })
            return [];
        var trigger = method.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(t => t is not null);
        return trigger?.Route is { } route && !IsForEveryPath(route) && Documented.Any(d => route.StartsWith(d, StringComparison.Ordinal))
            ? (trigger.Methods ?? []).Select(m => new ServedOperation(id, m.ToLowerInvariant(), RoutePrefix + Constraint().Replace(route, "{$1}")))
            : [];
    }

    /// <summary>What answers where nothing is.</summary>
    private static bool IsForEveryPath(string route) => route.Contains("{*", StringComparison.Ordinal);

    [GeneratedRegex(@"\{([a-zA-Z]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Braces();

    /// <summary>As <c>{roleId:length(24)}</c>.</summary>
    [GeneratedRegex(@"\{\*?([a-zA-Z]+)[^}]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Constraint();
}
