using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.ResourceManager;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>What Azure Resource Manager said.</summary>
/// <param name="Status">0: nothing; <paramref name="Why"/> says why.</param>
/// <param name="Body">What could be read of it.</param>
internal sealed record ArmAnswer(int Status, JsonElement? Body = null, string Why = "")
{
    /// <summary>When it wants to be asked again; null: it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsOk => Status is >= 200 and < 300;

    public ArmError? Error => IsOk ? null : ArmError.In(Body);

    public string Code => Error?.Innermost[0].Code ?? "";

    /// <summary>The service itself says that this one thing is not there. That its group, its subscription or the page is not is another matter.</summary>
    public bool IsAbsent => Status == 404 && Code is "ResourceNotFound" or "DeploymentNotFound" or "NotFound";
}

/// <summary>
/// Ear's resource group, with the SDK's pipeline (identity, telemetry) and none of its waiting: what a call began is looked at by the next look, so each asks
/// once. The addresses at which an operation could be followed are not called: ADR-0010. Where Azure asks to be left alone it is, by all calls of this process, for
/// they are charged to one account.
/// </summary>
internal sealed class ArmGroup(ArmClient client, ResourceIdentifier id, TimeProvider time) : ArmResource(client, id)
{
    /// <summary>More than a look's own pace; longer than this nobody is believed.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan UsualRest = TimeSpan.FromSeconds(10);

    private long restsUntil;

    public Task<ArmAnswer> GetAsync(ResourceIdentifier resource, string version, CancellationToken cancellation) => SendAsync(RequestMethod.Get, resource.ToString(), version, null, cancellation);

    public Task<ArmAnswer> PutAsync(ResourceIdentifier resource, string version, BinaryData body, CancellationToken cancellation) => SendAsync(RequestMethod.Put, resource.ToString(), version, body, cancellation);

    public Task<ArmAnswer> DeleteAsync(ResourceIdentifier resource, string version, CancellationToken cancellation) => SendAsync(RequestMethod.Delete, resource.ToString(), version, null, cancellation);

    public Task<ArmAnswer> PostAsync(ResourceIdentifier resource, string action, string version, CancellationToken cancellation)
        => SendAsync(RequestMethod.Post, $"{resource}/{action}", version, null, cancellation);

    private async Task<ArmAnswer> SendAsync(RequestMethod method, string path, string version, BinaryData? body, CancellationToken cancellation)
    {
        var rest = new DateTimeOffset(Interlocked.Read(ref restsUntil), TimeSpan.Zero) - time.GetUtcNow();
        if (rest > TimeSpan.Zero)
            return new(0, Why: $"it asked to be left alone for another {Math.Ceiling(rest.TotalSeconds):0} s");
        using var message = Message(method, path, version, body);
        try
        {
            await Pipeline.SendAsync(message, cancellation);
        }
        catch (AuthenticationFailedException e)
        {
            // Its text may quote what the login service was sent.
            return new(0, Why: $"Ear's own identity got no token ({e.GetType().Name}): see Ear:Identity");
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is RequestFailedException or HttpRequestException or IOException or OperationCanceledException or AggregateException)
        {
            return new(0, Why: $"no answer could be had ({Kind(e)})");
        }
        return Read(message.Response);
    }

    private HttpMessage Message(RequestMethod method, string path, string version, BinaryData? body)
    {
        var message = Pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(Endpoint);
        message.Request.Uri.AppendPath(string.Join('/', path.Split('/').Select(Uri.EscapeDataString)), escape: false);
        message.Request.Uri.AppendQuery("api-version", version, escapeValue: true);
        message.Request.Headers.Add("Accept", "application/json");
        if (body is null)
            return message;
        message.Request.Headers.Add("Content-Type", "application/json");
        message.Request.Content = RequestContent.Create(body);
        return message;
    }

    private ArmAnswer Read(Response response)
    {
        var asked = RetryAfter(response);
        if (response.Status is 429 or 503)
            RestAtLeast(asked is { } rest ? rest < LongestRest ? rest : LongestRest : UsualRest);
        try
        {
            using var document = response.Content.ToMemory().IsEmpty ? null : JsonDocument.Parse(response.Content);
            return new(response.Status, document?.RootElement.Clone()) { RetryAfter = asked };
        }
        catch (JsonException)
        {
            // A page of something in between: no word of the service.
            return response.Status is >= 200 and < 300 ? new(0, Why: "its answer could not be read") : new(response.Status);
        }
    }

    /// <summary>What broke, and never the text of it: that may quote an address with all that is in it.</summary>
    private static string Kind(Exception exception) => exception switch
    {
        AggregateException { InnerException: { } inner } => Kind(inner),
        RequestFailedException { InnerException: { } inner } => Kind(inner),
        HttpRequestException { InnerException: SocketException inner } => Kind(inner),
        SocketException socket => socket.SocketErrorCode.ToString(),
        HttpRequestException http => http.HttpRequestError.ToString(),
        OperationCanceledException => "it took too long",
        _ => exception.GetType().Name,
    };

    /// <summary>Calls answer in any order: one that asks for less does not take back what another one asked for.</summary>
    private void RestAtLeast(TimeSpan rest)
    {
        var until = (time.GetUtcNow() + rest).UtcTicks;
        for (var seen = Interlocked.Read(ref restsUntil); seen < until;)
        {
            var met = Interlocked.CompareExchange(ref restsUntil, until, seen);
            if (met == seen)
                return;
            seen = met;
        }
    }

    private TimeSpan? RetryAfter(Response response)
    {
        if (!response.Headers.TryGetValue("Retry-After", out var text))
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(seconds);
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until))
            return null;
        var left = until - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
