using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Ear.Local.Host.Http;

/// <summary>The methods that a function serves, upper case; none means any.</summary>
internal sealed record FunctionMethods(IReadOnlyList<string> Methods);

/// <summary>
/// Takes a function out of the race for a request whose method it does not serve. ASP.NET Core's own policy would answer
/// 405 when nobody is left; the Functions host answers 404, and so does this one (azure-functions-host issue 10098).
/// </summary>
internal sealed class FunctionMethodPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => -1000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
            if (endpoint.Metadata.GetMetadata<FunctionMethods>() is { Methods.Count: > 0 })
                return true;
        return false;
    }

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var method = httpContext.Request.Method;
        for (var i = 0; i < candidates.Count; i++)
            if (candidates.IsValidCandidate(i)
                && candidates[i].Endpoint.Metadata.GetMetadata<FunctionMethods>() is { Methods: { Count: > 0 } served }
                && !Serves(served, method))
                candidates.SetValidity(i, false);
        return Task.CompletedTask;
    }

    private static bool Serves(IReadOnlyList<string> served, string method)
    {
        for (var i = 0; i < served.Count; i++)
            if (HttpMethods.Equals(served[i], method))
                return true;
        return false;
    }
}
