using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>Instead of Kestrel: a request is a call, without sockets. What Kestrel refuses by itself (a NUL in the path) does not arrive here either.</summary>
internal sealed class InProcessServer : IServer
{
    private Func<IFeatureCollection, Task> process = _ => throw new InvalidOperationException("Not started.");

    public InProcessServer()
    {
        var addresses = new ServerAddressesFeature();
        addresses.Addresses.Add("http://ear.test");
        Features.Set<IServerAddressesFeature>(addresses);
    }

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        process = async features =>
        {
            var context = application.CreateContext(features);
            try
            {
                await application.ProcessRequestAsync(context);
                application.DisposeContext(context, null);
            }
            catch (Exception failure)
            {
                application.DisposeContext(context, failure);
                throw;
            }
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<RawAnswer> SendAsync(RawRequest sent)
    {
        var query = sent.Target.IndexOf('?', StringComparison.Ordinal);
        var request = new HttpRequestFeature
        {
            Protocol = "HTTP/1.1",
            Scheme = "http",
            Method = sent.Method,
            RawTarget = sent.Target,
            Path = PathString.FromUriComponent(query < 0 ? sent.Target : sent.Target[..query]).Value!,
            QueryString = query < 0 ? "" : sent.Target[query..],
            Body = new MemoryStream(sent.Body ?? []),
        };
        request.Headers.Host = "ear.test";
        foreach (var (name, value) in sent.Headers)
            request.Headers.Append(name, value);
        if (sent.Body is { } body)
            request.Headers.ContentLength = body.Length;
        using var written = new MemoryStream();
        var response = new HttpResponseFeature();
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(written));
        await process(features);
        return new RawAnswer(response.StatusCode, response.Headers, Encoding.UTF8.GetString(written.GetBuffer(), 0, (int)written.Length));
    }

    public void Dispose()
    {
    }
}

/// <param name="Target">Path and query as they stand in the request line.</param>
internal sealed record RawRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[]? Body)
{
    private const int Most = 2000;

    public string? Header(string name) => Headers.FirstOrDefault(h => h.Name == name).Value;

    /// <summary>Like curl; what is long is cut.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"curl -X {Method} '{Cut(Target)}'");
        foreach (var (name, value) in Headers)
            text.Append(CultureInfo.InvariantCulture, $" -H '{name}: {Cut(value)}'");
        if (Body is not null)
            text.Append(CultureInfo.InvariantCulture, $" --data-binary '{Cut(Encoding.Latin1.GetString(Body))}'");
        return text.ToString();
    }

    private static string Cut(string text) => text.Length <= Most ? text : $"{text[..Most]}… ({text.Length} characters)";
}

internal sealed record RawAnswer(int Status, IHeaderDictionary Headers, string Text)
{
    public override string ToString() => $"{Status} {Headers.ContentType} {(Text.Length > 1500 ? Text[..1500] + "…" : Text)}";
}
