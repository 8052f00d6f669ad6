using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Host.Http;

/// <summary>HTTP functions with ASP.NET Core types: HttpRequest in, IActionResult out.</summary>
/// <remarks>
/// As in a Functions host, routes are tried in the order of the functions' names, without regard to case, and the first that fits path
/// and method wins (ADR-0017): ASP.NET Core's own precedence, by which <c>things/all</c> goes before <c>things/{id}</c>, is not asked.
/// </remarks>
internal sealed class HttpTrigger(string routePrefix) : ITrigger
{
    /// <summary>Behind the host's own paths, which have ASP.NET Core's default, 0.</summary>
    private const int FirstOrder = 1;

    public string BindingType => "httpTrigger";

    public bool Owns(ParameterInfo parameter) => parameter.IsDefined(typeof(HttpTriggerAttribute));

    public void Check(IReadOnlyList<FunctionDescriptor> functions, ICollection<string> faults)
    {
        var routes = new List<(string Function, string Shape, IReadOnlyList<string> Methods)>();
        foreach (var function in functions)
        {
            var attribute = function.Attribute<HttpTriggerAttribute>();
            if (function.TriggerParameter.ParameterType != typeof(HttpRequest))
                faults.Add($"Function {function.Name}: the parameter with HttpTrigger must be an HttpRequest.");
            if (attribute.AuthLevel is not (AuthorizationLevel.Anonymous or AuthorizationLevel.Function or AuthorizationLevel.Admin))
                faults.Add($"Function {function.Name}: authorization level {attribute.AuthLevel} is not served here; use Anonymous, Function or Admin.");
            if (!Returns(function.Result))
                faults.Add($"Function {function.Name}: it returns {function.Result.Name}; an HTTP function returns IActionResult, IResult or nothing.");
            try
            {
                var shape = Shape(RoutePatternFactory.Parse(Template(function)));
                var methods = Methods(attribute);
                foreach (var other in routes.Where(r => r.Shape == shape && Overlap(r.Methods, methods)))
                    faults.Add($"Functions {other.Function} and {function.Name} serve the same method of the same route {Template(function)}.");
                routes.Add((function.Name, shape, methods));
            }
            catch (RoutePatternException e)
            {
                faults.Add($"Function {function.Name}: route {Template(function)} is not valid: {e.Message}");
            }
        }
    }

    public void Map(IEndpointRouteBuilder endpoints, IReadOnlyList<FunctionInvoker> functions)
    {
        var services = endpoints.ServiceProvider;
        var keys = services.GetRequiredService<HostKeys>();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Ear.Local.Host.Http");
        foreach (var (rank, invoker) in functions.OrderBy(f => f.Function.Name, StringComparer.OrdinalIgnoreCase).Index())
        {
            var attribute = invoker.Function.Attribute<HttpTriggerAttribute>();
            var endpoint = new HttpFunction(invoker, keys, attribute.AuthLevel, log);
            endpoints.Map(RoutePatternFactory.Parse(Template(invoker.Function)), endpoint.HandleAsync)
                .WithOrder(FirstOrder + rank)
                .WithDisplayName($"Functions.{invoker.Function.Name}")
                .WithMetadata(new FunctionMethods(Methods(attribute)));
        }
    }

    public ValueTask<string?> RunNowAsync(FunctionInvoker function, string input, IServiceProvider services) =>
        new($"{function.Function.Name} is an HTTP function: call its route.");

    /// <summary>The route pattern of a function, prefix included; binders read the parameters' names from it.</summary>
    internal string Template(FunctionDescriptor function)
    {
        var route = (function.Attribute<HttpTriggerAttribute>().Route ?? function.Name).Trim('/');
        return routePrefix.Length == 0 ? route : $"{routePrefix.Trim('/')}/{route}";
    }

    private static IReadOnlyList<string> Methods(HttpTriggerAttribute attribute) =>
        [.. (attribute.Methods ?? []).Select(m => m.ToUpperInvariant())];

    private static bool Overlap(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        left.Count == 0 || right.Count == 0 || left.Intersect(right).Any();

    private static bool Returns(Type type) =>
        type == typeof(void) || type.IsAssignableTo(typeof(IActionResult)) || type.IsAssignableTo(typeof(IResult));

    /// <summary>The template without names: two that differ only there match the same requests.</summary>
    private static string Shape(RoutePattern pattern) =>
        string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content.ToUpperInvariant(),
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter =>
                $"{{{(parameter.IsCatchAll ? "*" : "")}{(parameter.IsOptional ? "?" : "")}:{string.Join(':', parameter.ParameterPolicies.Select(p => p.Content))}}}",
            _ => "",
        }))));
}
