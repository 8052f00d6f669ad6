using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract.Samples;

/// <summary>A request that is good in one version of one operation.</summary>
/// <param name="Version">A date; "" for operations without versions.</param>
/// <param name="Make">Brings about what the request needs, and makes it.</param>
internal sealed record Sample(string Operation, string Version, Func<Doors, HttpClient, Task<SampleRequest>> Make)
{
    /// <summary>What an operation answers that Ear always refuses; null: it does not.</summary>
    public string? Refusal { get; init; }

    /// <summary>One and the same request in several versions.</summary>
    public static IEnumerable<Sample> InEach(string operation, string[] versions, Func<Doors, HttpClient, Task<SampleRequest>> make)
        => versions.Select(v => new Sample(operation, v, make));

    /// <summary>A request that needs nothing but the project.</summary>
    public static Sample Of(string operation, string version, Func<Doors, string> path, string? body = null)
        => new(operation, version, (doors, _) => Task.FromResult(new SampleRequest(path(doors), body)));
}

/// <param name="Form">Instead of a body: a form, sent with the first service account's secret.</param>
internal sealed record SampleRequest(string Path, string? Body = null, string? Form = null);
