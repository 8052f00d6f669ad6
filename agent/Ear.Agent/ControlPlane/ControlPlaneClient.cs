using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Ear.Nodes;
using Ear.Telemetry;

namespace Ear.Agent.ControlPlane;

/// <summary>The agent API over one reused connection pool. No answer, in time or at all, is an <see cref="OutageException"/>.</summary>
internal sealed class ControlPlaneClient(HttpClient http, NodeIdentity identity, TimeProvider time, IIds ids)
{
    // The control plane gives a key check 10 s (design §5, ICustomerKey); a little more, so that its answer is heard.
    private static readonly TimeSpan KeyTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PollTimeout = AgentApi.LongPoll + TimeSpan.FromSeconds(20);

    // Error bodies and goals are small; what is larger is not from our control plane.
    public const int MaxAnswerBytes = 256 * 1024;

    public Task<ApiAnswer<EnrolAnswer>> EnrolAsync(EnrolRequest request, CancellationToken cancellation) =>
        PostAsync<EnrolRequest, EnrolAnswer>(AgentApi.Enroll, request, signed: false, KeyTimeout, cancellation);

    /// <param name="trace">The <c>traceparent</c> that the report belongs to; null for none.</param>
    public Task<ApiAnswer<NodeGoal>> PollAsync(PollRequest request, string? trace, CancellationToken cancellation) =>
        PostAsync<PollRequest, NodeGoal>(AgentApi.Poll, request, signed: true, PollTimeout, cancellation, trace);

    public Task<ApiAnswer<EnrolAnswer>> SealingKeyAsync(CancellationToken cancellation) =>
        PostAsync<SealingKeyRequest, EnrolAnswer>(AgentApi.SealingKey, new SealingKeyRequest(), signed: true, KeyTimeout, cancellation);

    public Task<ApiAnswer<WrapAnswer>> WrapAsync(WrapRequest request, CancellationToken cancellation) =>
        PostAsync<WrapRequest, WrapAnswer>(AgentApi.Wrap, request, signed: true, KeyTimeout, cancellation);

    public Task<ApiAnswer<UnwrapAnswer>> UnwrapAsync(UnwrapRequest request, CancellationToken cancellation) =>
        PostAsync<UnwrapRequest, UnwrapAnswer>(AgentApi.Unwrap, request, signed: true, KeyTimeout, cancellation);

    public Task<ApiAnswer<ReturnAnswer>> ReturnAsync(WrapAnswer kept, CancellationToken cancellation) =>
        PostAsync<WrapAnswer, ReturnAnswer>(AgentApi.Return, kept, signed: true, KeyTimeout, cancellation);

    private async Task<ApiAnswer<TAnswer>> PostAsync<TRequest, TAnswer>(string path, TRequest request, bool signed, TimeSpan timeout, CancellationToken cancellation, string? trace = null)
        where TAnswer : class
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(request, EarJson.Options);
        using var message = new HttpRequestMessage(HttpMethod.Post, path.TrimStart('/'));
        message.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        if (signed)
        {
            var signedPath = new Uri(http.BaseAddress!, message.RequestUri!).AbsolutePath;
            message.Headers.TryAddWithoutValidation("Authorization", identity.Sign(signedPath, body, time.GetUtcNow(), ids.Secret(16)));
        }

        // What a step asks for goes on from its operation, also where nothing here collects spans.
        if ((trace ?? EarTraces.Here) is { } parent)
            message.Headers.TryAddWithoutValidation(EarTraces.TraceParent, parent);

        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseContentRead, either.Token);
            var content = await response.Content.ReadAsByteArrayAsync(either.Token);
            return ApiAnswer<TAnswer>.Read(response.StatusCode, content);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new OutageException($"The control plane did not answer {path} within {timeout.TotalSeconds} s.", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new OutageException($"The control plane cannot be reached: {exception.Message}", exception);
        }
    }
}

/// <summary>What came back. An error only counts as the control plane's own word when it has its form; a proxy's 404 does not (<see cref="ErrorCode"/> null).</summary>
internal sealed record ApiAnswer<T>(HttpStatusCode Status, T? Body, string? ErrorCode, string? Detail)
    where T : class
{
    public static ApiAnswer<T> Read(HttpStatusCode status, byte[] content)
    {
        try
        {
            if (status == HttpStatusCode.OK)
            {
                var body = JsonSerializer.Deserialize<T>(content, EarJson.Options) ?? throw new JsonException("null");
                return new(status, body, null, null);
            }

            if (content.Length == 0)
                return new(status, null, null, null);
            var error = JsonSerializer.Deserialize<ApiError>(content, EarJson.Options);
            return new(status, null, error?.ErrorCode, error?.Detail);
        }
        catch (JsonException) when (status != HttpStatusCode.OK)
        {
            return new(status, null, null, null);
        }
        catch (JsonException exception)
        {
            throw new OutageException($"The control plane's answer cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>True for exactly this status in the control plane's own words.</summary>
    public bool Says(HttpStatusCode status) => Status == status && ErrorCode is { Length: > 0 };

    public string Describe() => ErrorCode is null ? $"HTTP {(int)Status}" : $"HTTP {(int)Status} {ErrorCode}: {Detail}";
}

internal sealed record ApiError(string? ErrorCode, string? Detail);

/// <summary>No answer could be had. Never a verdict about a key (design §2).</summary>
internal sealed class OutageException(string message, Exception inner) : Exception(message, inner);
