using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.Worker;

/// <summary>An HTTP function as a Functions host knows it.</summary>
internal sealed record RoutedFunction(string Name, IReadOnlyList<string> Methods, string Route);

/// <summary>
/// Which functions a Functions host would never call for some path that is meant for them: it tries routes in the order of the functions'
/// names and takes the first that fits path and method (ADR-0017), while whoever writes a route expects the more precise one to win.
/// </summary>
internal static class RouteOrder
{
    private static readonly IInlineConstraintResolver Constraints =
        new ServiceCollection().AddLogging().AddRouting().BuildServiceProvider().GetRequiredService<IInlineConstraintResolver>();

    /// <summary>One sentence for each pair.</summary>
    public static IReadOnlyList<string> Faults(IEnumerable<RoutedFunction> functions)
    {
        var inOrder = functions.OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase).ToList();
        return
        [
            .. from later in inOrder.Index()
               from earlier in inOrder.Take(later.Index)
               where earlier.Methods.Intersect(later.Item.Methods, StringComparer.OrdinalIgnoreCase).Any() && Hides(earlier.Route, later.Item.Route)
               select $"{earlier.Name} ({earlier.Route}) comes before {later.Item.Name} ({later.Item.Route}) and answers for it.",
        ];
    }

    /// <summary>Whether the earlier of two routes fits a path for which the later one is as precise or more so: precise by the first segment in which they differ.</summary>
    private static bool Hides(string earlier, string later)
    {
        var (first, second) = (Segments(earlier), Segments(later));
        bool? earlierIsMorePrecise = null;
        for (var i = 0; ; i++)
        {
            var (mine, theirs) = (first.ElementAtOrDefault(i), second.ElementAtOrDefault(i));
            if (mine is null && theirs is null)
                return earlierIsMorePrecise is not true;
            if (Rest(mine) || Rest(theirs))
                return !(earlierIsMorePrecise ?? !Rest(mine));
            if (mine is null || theirs is null || !Meet(mine, theirs))
                return false;
            if (Precision(mine) != Precision(theirs))
                earlierIsMorePrecise ??= Precision(mine) > Precision(theirs);
        }
    }

    /// <summary>Whether some text fits both. Of two parameters it is taken for granted: their constraints are not compared.</summary>
    private static bool Meet(RoutePatternPart one, RoutePatternPart other) => (one, other) switch
    {
        (RoutePatternLiteralPart a, RoutePatternLiteralPart b) => a.Content.Equals(b.Content, StringComparison.OrdinalIgnoreCase),
        (RoutePatternParameterPart p, RoutePatternLiteralPart text) => Fits(p, text.Content),
        (RoutePatternLiteralPart text, RoutePatternParameterPart p) => Fits(p, text.Content),
        _ => true,
    };

    private static bool Fits(RoutePatternParameterPart parameter, string text)
        => parameter.ParameterPolicies.All(policy => (Constraints.ResolveConstraint(policy.Content!) ?? throw new NotSupportedException($"There is no constraint {policy.Content}."))
            .Match(null, null, parameter.Name, new RouteValueDictionary { [parameter.Name] = text }, RouteDirection.IncomingRequest));

    private static bool Rest(RoutePatternPart? part) => part is RoutePatternParameterPart { IsCatchAll: true };

    private static int Precision(RoutePatternPart part) => part is not RoutePatternParameterPart parameter ? 2 : parameter.ParameterPolicies.Count > 0 ? 1 : 0;

    private static List<RoutePatternPart> Segments(string route)
        => [.. RoutePatternFactory.Parse(route).PathSegments.Select(s => s is { IsSimple: true, Parts: [not RoutePatternParameterPart { IsOptional: true } and var part] }
            ? part
            : throw new NotSupportedException($"{route} has a segment that is not plainly a word or a parameter: teach {nameof(RouteOrder)} to compare it."))];
}
