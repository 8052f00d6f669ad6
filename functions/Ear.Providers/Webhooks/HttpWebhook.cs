using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Ear.Alerts.Webhooks;
using Ear.Telemetry;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Webhooks;

/// <summary>
/// One POST as Atlas sends it: the alert as JSON, <c>X-MMS-Event</c>, and with a key <c>X-MMS-Signature</c>, the Base64 of the body's HMAC-SHA-1. Beside them a stable
/// id, <c>X-Ear-Delivery</c>. What went wrong is told in sentences of our own: the exceptions of HTTP name the host, so they end here.
/// </summary>
internal sealed class HttpWebhook(WebhookHttp http, IOptions<WebhookOptions> options, TimeProvider time) : IWebhook
{
    public const string EventHeader = "X-MMS-Event";
    public const string SignatureHeader = "X-MMS-Signature";
    public const string DeliveryHeader = "X-Ear-Delivery";

    private static readonly ProductInfoHeaderValue Product = new("Ear-Webhook", null);

    private readonly ImmutableHashSet<string> _localHosts = options.Value.Hosts();

    public string? FaultOf(string url) => WebhookUrl.FaultOf(url, _localHosts);

    [SuppressMessage("Design", "MA0054", Justification = "The exceptions of HTTP name the host.")]
    public async Task<WebhookAnswer> PostAsync(WebhookAddress to, WebhookMessage message, CancellationToken cancellation)
    {
        // Settings may have changed since it was kept.
        if (FaultOf(to.Url) is { } fault)
            return new WebhookAnswer.Refused($"Its address is not one that may be called. {fault}");
        using var span = EarTraces.Start("post to webhook", ActivityKind.Client);
        using var limit = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        using var request = RequestOf(to, message);
        try
        {
            using var response = await http.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return AnswerOf(response.StatusCode);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"No answer within {options.Value.Timeout.TotalSeconds:0} s.");
        }
        catch (HttpRequestException e) when (e.InnerException is NotPublicException)
        {
            return new WebhookAnswer.Refused("Its name leads to an address that is not public.");
        }
        catch (HttpRequestException e)
        {
            throw new IOException(Words(e.HttpRequestError));
        }
    }

    private static HttpRequestMessage RequestOf(WebhookAddress to, WebhookMessage message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, to.Url)
        {
            Content = new ReadOnlyMemoryContent(message.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.UserAgent.Add(Product);
        request.Headers.Add(EventHeader, message.Event);
        request.Headers.Add(DeliveryHeader, message.Id);
        if (to.Key is { } key)
            request.Headers.Add(SignatureHeader, Signature(key, message.Body.Span));
        return request;
    }

    [SuppressMessage("Security", "CA5350", Justification = "What Atlas's receivers check. As a MAC, SHA-1 is not broken.")]
    private static string Signature(string key, ReadOnlySpan<byte> body) => Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(key), body));

    /// <summary>
    /// 2xx: taken. What may be otherwise in a while (no room, no time, their own fault) is tried again. The rest would be said again, redirects among it:
    /// they are not followed, for they lead where nobody looked.
    /// </summary>
    private static WebhookAnswer AnswerOf(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => new WebhookAnswer.Taken(),
        408 or 425 or 429 or >= 500 => throw new IOException($"It answered {(int)status}."),
        >= 300 and < 400 => new WebhookAnswer.Refused($"It answered {(int)status}, and redirects are not followed: set the address that it leads to."),
        var refusal => new WebhookAnswer.Refused($"It answered {refusal}."),
    };

    private static string Words(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "Its name is not known.",
        HttpRequestError.SecureConnectionError => "Its certificate is not trusted, or TLS was not agreed on.",
        HttpRequestError.ConnectionError => "It could not be reached.",
        HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded => "Its answer was no whole answer.",
        _ => "The request to it failed.",
    };
}
