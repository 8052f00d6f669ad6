namespace Ear.Functions.Tests.Contract.Samples;

internal static class ApiDocumentSamples
{
    public static IEnumerable<Sample> List { get; } =
    [
        Sample.Of("getOpenApiDocument", "", _ => "/api/atlas/v2/openapi.json"),
        Sample.Of("getApiReference", "", _ => "/api/atlas/v2/docs"),
    ];
}
