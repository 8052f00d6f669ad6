using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry.Metrics;

namespace Ear.Local.Telemetry;

/// <summary><c>/metrics</c> for a Prometheus on this machine. It asks for no key, so it answers nobody from elsewhere, wherever the host listens.</summary>
internal static class Scraping
{
    public const string Path = "/metrics";

    public static void AddTo(MeterProviderBuilder metrics) => metrics.AddPrometheusExporter();

    public static void Map(IEndpointRouteBuilder endpoints)
        => endpoints.MapPrometheusScrapingEndpoint(Path, meterProvider: null, branch => branch.Use(OnlyFromHereAsync), optionsName: null);

    private static Task OnlyFromHereAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
