using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ear.EndToEnd.Tests;

/// <summary>Takes whatever is sent to it by OTLP over HTTP, and keeps the bytes: in protobuf all texts stand as they are.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> taken = [];

    private OtlpCollector(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector.app.MapPost("/{**path}", collector.TakeAsync);
        await collector.app.StartAsync();
        return collector;
    }

    /// <summary>Bodies of one signal (traces, metrics, logs), each byte a character.</summary>
    public IReadOnlyList<string> Of(string signal) => [.. taken.Where(t => t.Path == $"/v1/{signal}").Select(t => Encoding.Latin1.GetString(t.Body))];

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        taken.Enqueue((http.Request.Path, body.ToArray()));
        http.Response.ContentType = "application/x-protobuf";
    }
}
