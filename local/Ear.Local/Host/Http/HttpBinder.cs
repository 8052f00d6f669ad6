using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Ear.Local.Host.Http;

/// <summary>The request itself, and route values by name.</summary>
internal sealed class HttpBinder(HttpTrigger trigger) : IParameterBinder
{
    public ParameterValue? TryBind(ParameterInfo parameter, FunctionDescriptor function)
    {
        if (function.Trigger != trigger)
            return null;
        if (parameter.ParameterType == typeof(HttpRequest))
            return context => ((HttpContext)context.Trigger!).Request;
        var name = parameter.Name!;
        if (!HasRouteParameter(function, name) || RouteValueParser.For(parameter.ParameterType) is not { } parse)
            return null;
        var absent = parameter.HasDefaultValue ? parameter.DefaultValue : Default(parameter.ParameterType);
        return context =>
        {
            if (!((HttpContext)context.Trigger!).Request.RouteValues.TryGetValue(name, out var value) || value is null)
                return absent;
            return parse(value as string ?? value.ToString()!, out var parsed) ? parsed : throw new RouteValueException(name, parameter.ParameterType);
        };
    }

    private bool HasRouteParameter(FunctionDescriptor function, string name)
    {
        try
        {
            return RoutePatternFactory.Parse(trigger.Template(function)).GetParameter(name) is not null;
        }
        catch (RoutePatternException)
        {
            // The trigger's own check reports the template; here it has no parameters.
            return false;
        }
    }

    private static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;
}

/// <summary>A route value is not what its parameter's type wants; the caller is told 400.</summary>
internal sealed class RouteValueException(string name, Type type) : Exception($"Route value {name} is not a valid {type.Name}.");
